-- Functions that are called when a socket closes.

local classes = require "socket.class"
local keywords = require "socket.keywords"
local native = require "socket.native"

local set_monitored, tell = native.registry.set_monitored, native.registry.tell

local BasicSocket = classes.BasicSocket

-- socket -> its monitors in their order. A monitor keeps no socket alive, not
-- even one that its function refers to.
local lists = setmetatable({}, { __mode = "k" })

local Monitor = { __name = "socket.Monitor" }

local function describe(err)
  return { err = err, traceback = debug.traceback(nil, 2) }
end

local function call(monitor, sock)
  local fn = monitor.fn
  monitor.fn = nil -- it is no more to be cancelled
  local ok, failure = xpcall(fn, describe, sock, "closed", monitor)
  if not ok then tell(failure.err, failure.traceback) end
end

-- One that is called may cancel those after it.
native.registry.set_teller(function(sock)
  local list = lists[sock]
  lists[sock] = nil
  while list and list[1] do
    call(table.remove(list, 1), sock)
  end
end)

--- Has a function called when the socket closes: by `close`, by its last half's
-- closing, by `detach`, or when it is collected. It is called at once where the
-- socket is closed already. Several are called in the order in which they came,
-- after those who wait for the socket were woken. An error of the function goes
-- to `Socket.set_on_error`'s. Answers to Erlang's `socket:monitor`.
-- @function BasicSocket:monitor
-- @tparam function fn is called with the socket, `"closed"` and the monitor
-- @return the monitor, for `Socket.cancel_monitor`
function BasicSocket:monitor(fn)
  keywords.check_socket(self, "monitor")
  keywords.check_block(fn, 1, "monitor")
  local monitor = setmetatable({ fn = fn, list = nil }, Monitor)
  if self:is_closed() then
    call(monitor, self)
    return monitor
  end
  monitor.list = lists[self] or {}
  table.insert(monitor.list, monitor)
  lists[self] = monitor.list
  set_monitored(self, true)
  return monitor
end

--- Takes a monitor back. Also a method of any socket, with the monitor as its
-- argument. Answers to Erlang's `socket:cancel_monitor`.
-- @function Socket.cancel_monitor
-- @param monitor what `monitor` gave
-- @treturn boolean whether its function has not been called, and never will be
function BasicSocket.cancel_monitor(monitor, ...)
  if keywords.is_socket(monitor) then monitor = ... end
  if getmetatable(monitor) ~= Monitor then
    keywords.complain(1, "cancel_monitor", "monitor expected, got "
      .. type(monitor))
  end
  local was_active = monitor.fn ~= nil
  monitor.fn = nil
  for i, other in ipairs(monitor.list or {}) do
    if other == monitor then table.remove(monitor.list, i) end
  end
  return was_active
end
