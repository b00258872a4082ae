-- Buffered reading, written as the vectors and Ruby do.

local streams = {}

local function packed(...)
  return { n = select("#", ...), ... }
end

-- How the calls of Ruby are written here; `...` are the vector's arguments.
local CALLS = {
  gets_limit = function(sock, limit) return sock:gets(limit) end,
  gets_nil = function(sock, limit) return sock:gets(false, limit) end,
  gets_para = function(sock, limit) return sock:gets("", limit) end,
  gets_chomp = function(sock, sep, limit)
    return sock:gets(sep, limit, { chomp = true })
  end,
  gets_chomp_limit = function(sock, limit)
    return sock:gets(limit, { chomp = true })
  end,
  readline_chomp = function(sock) return sock:readline({ chomp = true }) end,
  readlines_chomp = function(sock) return sock:readlines({ chomp = true }) end,
  readlines_limit = function(sock, limit) return sock:readlines(limit) end,
  eof = function(sock) return sock:is_eof() end,
}

-- These give a list in Ruby, one value after another here.
local EACH = {
  each_line = "each_line",
  each_line_limit = "each_line",
  each_line_chomp = "each_line",
  each_byte = "each_byte",
  each_char = "each_char",
}

-- Both forms have to give the same: the odd cases take the function, the even
-- ones the iterator.
local function collect(sock, index, method, ...)
  local list = {}
  if index % 2 == 0 then
    for value in sock[method](sock, ...) do
      list[#list + 1] = value
    end
    return list
  end
  local args = packed(...)
  args[args.n + 1] = function(value) list[#list + 1] = value end
  local ok, err = sock[method](sock, table.unpack(args, 1, args.n + 1))
  if ok then return list end
  return nil, err
end

-- The operation's result, as the vectors write it.
function streams.perform(sock, index, op)
  local name = op[1]
  if EACH[name] then
    if name == "each_line_chomp" then
      return collect(sock, index, "each_line", { chomp = true })
    end
    return collect(sock, index, EACH[name], table.unpack(op, 2, op.n or #op))
  end
  local call = CALLS[name]
  if call then return call(sock, table.unpack(op, 2, op.n or #op)) end
  return sock[name](sock, table.unpack(op, 2, op.n or #op))
end

return streams
