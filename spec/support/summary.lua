-- busted's plain output, and a file "passed failed skipped" for the command
-- that runs the specs: its path is the first argument (-Xoutput).

local busted = require "busted"
local new_plain = require "busted.outputHandlers.plainTerminal"

return function(options)
  local handler = new_plain(options)

  local function write_counts()
    local file = assert(io.open(options.arguments[1], "w"))
    local failed = handler.failuresCount + handler.errorsCount
    file:write(("%d %d %d\n")
      :format(handler.successesCount, failed, handler.pendingsCount))
    file:close()
    return nil, true
  end

  busted.subscribe({ "exit" }, write_counts)
  return handler
end
