-- Socket.copy_stream: from one stream to another, inside the kernel where both
-- ends allow it.

local classes = require "socket.class"
local keywords = require "socket.keywords"
local native = require "socket.native"

local Errno = native.Errno
local failure = native.failure
local member = native.select.member
local new_transfer = native.copy.new
local now = native.clock.now

local Socket = classes.Socket

-- How much one read takes.
local CHUNK = 65536

-- What the kernel says when it cannot copy between two fds.
local UNSUITABLE = {
  [Errno.EINVAL] = true,
  [Errno.ENOSYS] = true,
  [Errno.EOPNOTSUPP] = true,
}

local SPEC = {
  name = "copy_stream",
  before = 2, -- the two ends, which may be tables themselves
  keywords = {
    progress = "function",
    timeout = "seconds",
    offset = "integer",
  },
}

local Copy = {}
Copy.__index = Copy

local function is_socket(value)
  return type(value) == "userdata" and io.type(value) == nil
    and member(value) ~= nil
end

-- The seconds that the copy may take: those of the keywords, or what the
-- sockets have as their own.
local function time_for(src, dst, opts)
  if opts.timeout then return opts.timeout end
  return keywords.earlier(is_socket(src) and src:timeout() or nil,
    is_socket(dst) and dst:timeout() or nil)
end

local function new_copy(src, dst, length, opts)
  local seconds = time_for(src, dst, opts)
  return setmetatable({
    src = src,
    dst = dst,
    left = length or math.huge, -- bytes still to be copied
    done = 0, -- bytes that have arrived
    progress = opts.progress, -- told after each piece, or nil
    ends = seconds and now() + seconds, -- or nil: never
    may_wait = seconds ~= 0,
    offset = opts.offset, -- where in the file to begin; nil: where it stands
    has_turn = false, -- whether the caller waited for the destination's turn
    from_socket = is_socket(src),
    to_socket = is_socket(dst),
  }, Copy)
end

function Copy:seconds_left()
  return self.ends and math.max(0, self.ends - now())
end

-- The keywords of a call on a socket; other objects know none.
function Copy:opts(on_socket)
  if on_socket and self.ends then return { timeout = self:seconds_left() } end
end

function Copy:size(most)
  return math.tointeger(math.min(self.left, most))
end

function Copy:count(n)
  self.done = self.done + n
  self.left = self.left - n
  if self.progress then self.progress(self.done) end
end

-- Whether a call had to be told not to wait because the time was up.
function Copy:is_late(err)
  return self.may_wait and self.ends and now() >= self.ends
    and (err == Socket.WAIT_READABLE or err == Socket.WAIT_WRITABLE)
end

-- A failure, with how far the copy got and what was read in vain.
function Copy:fail(rest, err, errno)
  if not Socket.Error.is(err) then return nil, err, errno end
  if self:is_late(err) then err, errno = Socket.TIMEOUT, nil end
  return failure.with_rest(self.done, rest, err, errno)
end

-- Writes a piece whole -> true | nil, err, errno
function Copy:write(bytes)
  local ok, err, errno = self.dst:write(bytes, self:opts(self.to_socket))
  if ok and not (self.to_socket and ok < #bytes) then
    self:count(#bytes)
    return true
  end
  local written = ok or type(err) == "table" and err.written or 0
  if ok then err, errno = Socket.WAIT_WRITABLE, Errno.EAGAIN end -- no time left
  self.done = self.done + written
  return self:fail(bytes:sub(written + 1), err, errno)
end

-- The next piece -> bytes | nil at the end | nil, err, errno
function Copy:read(most)
  local src, size = self.src, self:size(most)
  if not self.from_socket and not src.readpartial then return src:read(size) end
  local bytes, err, errno = src:readpartial(size, self:opts(self.from_socket))
  if bytes then return bytes end
  if Socket.Error.is(err, "EOFError") then return nil end
  return nil, err, errno
end

-- Piece by piece through Lua, until `more` says no -> true | nil, err, errno
function Copy:through_lua(more)
  while self.left > 0 and more(self) do
    local bytes, err, errno = self:read(CHUNK)
    if err then return self:fail("", err, errno) end
    if not bytes or bytes == "" then return true end
    local ok
    ok, err, errno = self:write(bytes)
    if not ok then return nil, err, errno end
  end
  return true
end

local function always()
  return true
end

local function has_buffered(copy)
  return select(2, member(copy.src))
end

-- Inside the kernel -> true | nil, err, errno | false: it cannot
function Copy:through_kernel()
  local transfer, err, errno = new_transfer(self.src, self.dst, self.offset)
  if not transfer then
    if err then return self:fail("", err, errno) end
    return false
  end
  local _ <close> = transfer
  while self.left > 0 do
    local moved
    moved, err, errno = transfer:step(self:size(1 << 30), self:seconds_left())
    if not moved then return self:leave_kernel(err, errno) end
    if moved == 0 then return true end
    self:count(moved)
  end
  return true
end

-- After a failed step: what was read from the source is not lost.
function Copy:leave_kernel(err, errno)
  if err.written and err.written > 0 then self:count(err.written) end
  local rest = err.rest or ""
  if not UNSUITABLE[errno] then return self:fail(rest, err, errno) end
  if rest == "" then return false end
  local ok, failed, number = self:write(rest)
  if not ok then return nil, failed, number end
  return false
end

-- What the destination has buffered goes out -> true | nil, err, errno
function Copy:flush()
  if self.has_turn then return true end
  if self.to_socket then return self.dst:flush(self:opts(true)) end
  return io.type(self.dst) == nil or self.dst:flush()
end

-- Both ends as they are to the kernel: nothing buffered on the way.
function Copy:settle()
  local ok, err, errno = self:flush()
  if not ok then return nil, err, errno end
  if io.type(self.src) == "file" then
    self.src:flush() -- the file stands where the program has read to
    return true
  end
  if not self.from_socket then return true end
  ok, err, errno = self:through_lua(has_buffered)
  if not ok then return nil, err, errno end
  return self:flush() -- before what follows inside the kernel
end

-- Through Lua from the offset, if there is one; the file then stands where it
-- stood before.
function Copy:through_lua_at_offset()
  local before = self.offset and assert(self.src:seek())
  if before then self.src:seek("set", self.offset + self.done) end
  local ok, err, errno = self:through_lua(always)
  if before then self.src:seek("set", before) end
  return ok, err, errno
end

function Copy:run()
  local ok, err, errno = self:settle()
  if ok then ok, err, errno = self:through_kernel() end
  if ok == false then
    self.has_turn = false -- each write has one of its own
    ok, err, errno = self:through_lua_at_offset()
  end
  if ok then ok, err, errno = self:flush() end
  if not ok then return nil, err, errno end
  return self.done
end

local function check_end(value, arg, method)
  local kind = type(value)
  local has_methods = kind == "table" or getmetatable(value) ~= nil
  if kind ~= "string" and has_methods
    and (value[method] or value.readpartial) then
    return
  end
  error(("bad argument #%d to 'copy_stream' (socket, file or object with a "
    .. "method %s expected, got %s)"):format(arg, method, kind), 3)
end

local function check_length(length)
  if length == nil then return nil end
  local number = math.tointeger(length)
  if number and number >= 0 then return number end
  error(("bad argument #3 to 'copy_stream' (length must be an integer not "
    .. "below 0, not %s)"):format(tostring(length)), 3)
end

--- Copies from one stream to another: sockets, Lua files, or any objects with
-- `read` (or `readpartial`) and `write`. Between two sockets, and between a
-- socket and a file, the bytes stay inside the kernel. Answers to Ruby's
-- `IO.copy_stream`.
-- @function Socket.copy_stream
-- @param src where from
-- @param dst where to
-- @tparam[opt] integer length how many bytes at the most; else to the end
-- @tparam[opt] table opts `timeout` in seconds for the whole copy, `offset`:
--   where in a file to begin, `progress`: a function that is called with the
--   count of bytes so far
-- @treturn integer how many bytes were copied
-- @error nil, err, errno; `err.written` is how many bytes have arrived,
--   `err.rest` those that were read and could not be written
function Socket.copy_stream(src, dst, ...)
  local args, opts = keywords.split(SPEC, ...)
  check_end(src, 1, "read")
  check_end(dst, 2, "write")
  return new_copy(src, dst, check_length(args[1]), opts):run()
end

local copy_stream = {}

--- Copies from a file what a socket has room for, without giving up the turn
-- that the caller has; what was buffered has to be out.
function copy_stream.in_turn(file, sock, length, offset)
  local copy = new_copy(file, sock, length, { offset = offset, timeout = 0 })
  copy.has_turn = true
  return copy:run()
end

return copy_stream
