-- Adds the calls that wait for room, or for a connection, to those that wait.

local Socket = require "socket"
local assert = require "luassert"
local calls = require "spec.support.waiting_calls"
local net = require "spec.support.net"

-- More than a unix socket takes.
local MUCH = ("0123456789abcdef"):rep(1 << 16)

-- As much as the socket takes now -> how much that is.
local function fill(sock)
  local count = 0
  while true do
    local sent = sock:send(MUCH, "DONTWAIT")
    if not sent then return count end
    count = count + sent
  end
end

local function open_empty()
  local a, b = net.pair()
  return calls.state(a, b, { data = MUCH })
end

local function open_full()
  local a, b = net.pair()
  local count = fill(a)
  return calls.state(a, b, { data = "x", before = count })
end

-- The socket's error once nobody can read what it writes.
local function is_broken(_, value, err)
  assert.is_nil(value)
  assert.is_true(err.name == "EPIPE" or err.name == "ECONNRESET", err.name)
end

local function leave(s)
  s.peer:close()
end

-- Takes out what was written before, and the data.
local function drain(s)
  if s.before then assert.equal(s.before, #s.peer:read(s.before)) end
  assert.is_true(s.peer:read(#s.data) == s.data)
end

local function writes(name, call, check)
  return calls.add {
    name = name,
    open = open_empty,
    call = call,
    at_once = function(s) s.data = "abc" end,
    release = drain,
    check = check or function(s, count) assert.equal(#s.data, count) end,
    leave = leave,
    check_left = is_broken,
    again = false,
    partial = true,
  }
end

writes("write", function(s, opts) return s.sock:write(s.data, opts or {}) end)
writes("write of pieces", function(s, opts)
  local half = #s.data // 2
  return s.sock:write({ s.data:sub(1, half), s.data:sub(half + 1) }, opts or {})
end)
writes("send", function(s, opts) return s.sock:send(s.data, 0, opts) end)
writes("sendmsg", function(s, opts)
  return s.sock:sendmsg(s.data, 0, nil, opts)
end)
writes("sendmsg of a message", function(s, opts)
  return s.sock:sendmsg({ iov = { s.data } }, 0, opts)
end)
writes("sendv", function(s, opts) return s.sock:sendv({ s.data }, opts) end)
writes("print", function(s, opts) return s.sock:print(s.data, opts) end,
  function(_, ok) assert.is_true(ok) end)

-- These find the socket full.
local function writes_little(name, call, check)
  local row = writes(name, call, check)
  row.open = open_full
  row.partial = nil
  row.would_block = Socket.WAIT_WRITABLE
  function row.at_once(s)
    s.peer:read(s.before)
  end
  return row
end

writes_little("syswrite", function(s, opts)
  return s.sock:syswrite(s.data, opts)
end)
local row = writes_little("wait_writable", function(s, opts)
  local ok, err = s.sock:wait_writable(opts and opts.timeout)
  if not ok then return nil, err end
  s.sock:send(s.data, "DONTWAIT")
  return ok
end, function(s, sock) assert.equal(s.sock, sock) end)
row.check_left, row.would_block = nil, Socket.TIMEOUT
-- To close is to flush, too, which has to have an end.
writes_little("flush", function(s, opts)
  s.sock:set_sync(false)
  local ok, err = s.sock:write(s.data)
  if not ok then return nil, err end
  return s.sock:flush(opts)
end, function(_, ok) assert.is_true(ok) end).close = function(s)
  s.sock:close({ timeout = 0.005 })
end

-- A unix server's queue tells nobody that there is room again.
calls.add {
  name = "connect",
  open = function()
    local address = { family = "local", path = net.path() }
    local server = assert(Socket.new("UNIX", "STREAM"))
    assert(server:bind(address))
    assert(server:listen(0))
    local s = calls.state(assert(Socket.new("UNIX", "STREAM")), server)
    s.address = address
    repeat
      local filler = s:own(assert(Socket.new("UNIX", "STREAM")))
    until not filler:connect_nonblock(address)
    return s
  end,
  call = function(s, opts) return s.sock:connect(s.address, opts) end,
  release = function(s) s:own((assert(s.peer:accept()))) end,
  check = function(_, result) assert.equal(0, result) end,
  leave = leave,
  check_left = function(_, value, err)
    assert.is_nil(value)
    assert.equal("ECONNREFUSED", err.name)
  end,
}

-- The answer would come after a second at the earliest.
calls.add {
  name = "connect by TCP",
  open = function()
    local server, address, _, closer = net.full_listener()
    local s = calls.state(assert(Socket.new("INET", "STREAM")), server)
    for _, sock in ipairs(closer) do s:own(sock) end
    s.address = address
    return s
  end,
  call = function(s, opts) return s.sock:connect(s.address, opts) end,
}

return calls
