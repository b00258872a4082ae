-- sendfile: a file's bytes straight into a socket.

local classes = require "socket.class"
local copy_stream = require "socket.copy_stream"
local keywords = require "socket.keywords"
local native = require "socket.native"

local is_select = native.SelectInfo.is
local start, turn = native.copy.start, native.copy.turn

local BasicSocket, Socket = classes.BasicSocket, classes.Socket

local SPEC = {
  name = "sendfile",
  keywords = { timeout = "patience" },
}

-- The argument as a number of bytes; nil is 0.
local function check_count(args, arg)
  local value = args[arg] or 0
  local count = math.tointeger(tonumber(value))
  if not count or count < 0 then
    keywords.complain(arg, "sendfile", ("integer not below 0 expected, got %s")
      :format(tostring(value)))
  end
  return count
end

-- What was started, by its name, and how far it came.
local function named(written, none, info, errno)
  if is_select(info) then info.op, info.written = "sendfile", written end
  return none, info, errno
end

-- Sends what there is room for; where that is not all, the call has started.
local function send_or_start(sock, file, count, offset)
  local ok, info, errno = turn(sock)
  if not ok then return named(nil, nil, info, errno) end
  local sent, err, number = copy_stream.in_turn(file, sock, count, offset)
  if err ~= Socket.WAIT_WRITABLE then return sent, err, number end
  return named(err.written, start(sock))
end

--- Sends bytes of a file, inside the kernel where that can be. The file stays
-- at the position where it is. Answers to Erlang's `sendfile`.
-- @function BasicSocket:sendfile
-- @tparam file file a Lua file
-- @tparam[opt=0] integer offset where in the file to begin
-- @tparam[opt=0] integer count how many bytes; 0: to its end
-- @tparam[opt] table opts `timeout` in seconds; one that was started with
-- `"nowait"` goes on at `offset + select.written`
-- @treturn integer how many bytes were sent; 0 at the end of the file
-- @error nil, err, errno; `err.written` is how many bytes were sent
function BasicSocket:sendfile(...)
  keywords.check_socket(self, "sendfile")
  local args, opts = keywords.split(SPEC, ...)
  local file = args[1]
  if io.type(file) ~= "file" then
    keywords.complain(1, "sendfile", "open Lua file expected, got "
      .. (io.type(file) or type(file)))
  end
  local offset, count = check_count(args, 2), check_count(args, 3)
  local most = count > 0 and count or nil
  if opts.timeout == "nowait" then
    return send_or_start(self, file, most, offset)
  end
  return Socket.copy_stream(file, self, most, {
    offset = offset,
    timeout = opts.timeout,
  })
end
