-- Data in several strings, as Erlang's sendv and recvv have it.

local classes = require "socket.class"
local keywords = require "socket.keywords"
local native = require "socket.native"

local BasicSocket, Socket = classes.BasicSocket, classes.Socket

local is_select = native.SelectInfo.is
local math_tointeger = math.tointeger

-- How many bytes all of them are.
local function sum(sizes)
  local total = 0
  for i = 1, #sizes do
    local size = math_tointeger(sizes[i])
    if not size or size <= 0 then
      keywords.complain(1, "recvv", ("size %d must be a positive integer, not "
        .. "%s"):format(i, tostring(sizes[i])))
    end
    total = total + size
  end
  return total
end

-- The bytes in pieces of those sizes; the last one may be shorter.
local function split(bytes, sizes)
  local pieces, at = {}, 1
  for i = 1, #sizes do
    if at > #bytes then break end
    pieces[i] = bytes:sub(at, at + sizes[i] - 1)
    at = at + sizes[i]
  end
  return pieces
end

local function pieces_of(sizes, bytes, ...)
  if bytes then return split(bytes, sizes) end
  local err = ...
  if err ~= nil and is_select(err) then err.op = "recvv" end
  return bytes, ...
end

--- Receives into several pieces, each of which is filled before the next one.
-- @function BasicSocket:recvv
-- @tparam[opt] {integer,...} sizes how many bytes each piece has at the most;
--   without it, one piece of what is there
-- @tparam[opt] flags flags as `recv` takes them
-- @tparam[opt] table opts `exact`, `timeout` in seconds
-- @treturn {string,...} the pieces; those without a byte are left out. nil
--   alone at the end of a stream
-- @error nil, err, errno, as `recv` gives it
function BasicSocket:recvv(sizes, ...)
  keywords.check_socket(self, "recvv")
  if sizes == nil then
    return pieces_of({ math.maxinteger }, self:recv(nil, ...))
  end
  if type(sizes) ~= "table" then
    keywords.complain(1, "recvv", "list of sizes expected, got " .. type(sizes))
  end
  return pieces_of(sizes, self:recv(sum(sizes), ...))
end

-- Appends the strings of the list to `rest` without the first `written` bytes
-- -> how many of these are yet to come.
local function append_rest(rest, written, iov)
  for i = 1, #iov do
    local piece = iov[i]
    if type(piece) == "table" then
      written = append_rest(rest, written, piece)
    else
      piece = tostring(piece)
      if #piece > written then rest[#rest + 1] = piece:sub(written + 1) end
      written = math.max(0, written - #piece)
    end
  end
  return written
end

--- What is left of a list of strings when so many bytes of it were sent.
-- @function Socket.rest_iov
-- @usage local sent, err = sock:sendv(iov, { timeout = 1 })
-- if not sent then iov = Socket.rest_iov(err.written or 0, iov) end
-- @tparam integer written how many bytes were sent
-- @tparam {string,...} iov the data; lists may hold lists
-- @treturn {string,...} the rest, a list of strings
function Socket.rest_iov(written, iov)
  local count = math_tointeger(written)
  if not count or count < 0 then
    keywords.complain(1, "rest_iov", "count of bytes expected")
  end
  if type(iov) ~= "table" then
    keywords.complain(2, "rest_iov", "list of strings expected, got "
      .. type(iov))
  end
  local rest = {}
  if append_rest(rest, count, iov) > 0 then
    keywords.complain(1, "rest_iov", "there are fewer bytes")
  end
  return rest
end
