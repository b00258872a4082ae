-- Making sockets with Erlang's options: of an fd, in another network namespace,
-- not listed.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"

local function fails(name, sock, err, errno)
  assert.is_nil(sock)
  assert.equal(name, err.name)
  assert.equal(err.errno, errno)
  return err
end

local function kind(sock)
  local info = sock:info()
  return ("%s %s %s"):format(info.domain, info.type, info.protocol)
end

describe("open", function()
  it("takes names in any form, and \"default\"", function()
    local cases = {
      { "inet", "stream", "default", "inet stream tcp" },
      { "INET", "DGRAM", "default", "inet dgram udp" },
      { "inet", "stream", "tcp", "inet stream tcp" },
      { "inet", "dgram", Socket.IPPROTO_UDP, "inet dgram udp" },
      { "local", "stream", "default", "local stream default" },
      { "unix", "seqpacket", nil, "local seqpacket default" },
      { Socket.AF_INET, Socket.SOCK_STREAM, 0, "inet stream tcp" },
    }
    for _, case in ipairs(cases) do
      local sock <close> = assert(Socket.open(case[1], case[2], case[3]))
      assert.equal(case[4], kind(sock))
    end
  end)

  it("takes keywords after the type or the protocol, and a block", function()
    for _, protocol in ipairs { "tcp", "default", 0 } do
      local sock <close> = assert(Socket.open("inet", "stream", protocol,
        { debug = true }))
      assert.is_true(sock:getopt("otp", "debug"))
    end
    local sock <close> = assert(Socket.open("inet", "stream",
      { use_registry = false }))
    assert.is_false(sock:getopt("otp", "debug"))
    assert.equal("inet stream tcp", Socket.open("inet", "stream",
      { use_registry = true }, kind))
  end)

  it("hands debug on to accepted sockets", function()
    local server <close> = Socket.open("inet", "stream", { debug = true })
    assert(server:setopt("otp", "meta", "the server's own"))
    assert(server:bind { family = "inet", addr = "loopback", port = 0 })
    assert(server:listen(1))
    local client <close> = Socket.open("inet", "stream")
    assert(client:connect(server:getsockname()))
    local accepted <close> = assert(server:accept())
    assert.is_true(accepted:getopt("otp", "debug"))
    assert.is_false(accepted:getopt("otp", "iow"))
    assert.is_nil(accepted:getopt("otp", "meta"))
    assert.is_false(client:getopt("otp", "debug"))
  end)

  it("lists the socket, or does not, whatever use_registry says", function()
    local before = Socket.number_of()
    local hidden <close> = Socket.open("inet", "stream",
      { use_registry = false })
    assert.equal(before, Socket.number_of())
    assert.is_false(hidden:getopt("otp", "use_registry"))
    Socket.use_registry(false)
    local other <close> = Socket.open("inet", "stream")
    local listed <close> = Socket.open("inet", "stream", "tcp",
      { use_registry = true })
    Socket.use_registry(true)
    assert.equal(before + 1, Socket.number_of())
    assert.is_true(listed:getopt("otp", "use_registry"))
    assert.is_false(other:getopt("otp", "use_registry"))
  end)

  it("tells of what the system has not", function()
    fails("EPROTONOSUPPORT", Socket.open("inet", "stream", "udp"))
    fails("EPROTONOSUPPORT", Socket.open("inet", "stream", "udp",
      { debug = true }))
  end)

  it("raises for mistakes, and names the argument", function()
    local cases = {
      { 1, "nonsense", "stream" },
      { 2, "inet", "nonsense" },
      { 3, "inet", "stream", "nonsense" },
      { 3, "inet", "stream", { nonsense = 1 } },
      { 4, "inet", "stream", "tcp", { dup = true } },
      { 4, "inet", "stream", "tcp", { netns = {} } },
      { 4, "inet", "stream", "tcp", { netns = "a\0b" } },
      { 2, 1, { nonsense = 1 } },
      { 2, 1, { netns = "/proc/self/ns/net" } },
      { 2, 1, { domain = "nonsense" } },
      { 1, 0.5 },
      { 1, 1 << 40 },
    }
    for _, case in ipairs(cases) do
      local ok, message = pcall(Socket.open, table.unpack(case, 2))
      assert.is_false(ok)
      assert.matches(("bad argument #%d to 'new'"):format(case[1]),
        tostring(message))
    end
  end)
end)

describe("open with an fd", function()
  it("has a copy of it: closing either leaves the other open", function()
    local a, b, _ <close> = net.pair()
    local fd = a:fileno()
    local copy = assert(Socket.open(fd))
    assert.not_equal(fd, copy:fileno())
    assert.equal("local stream default", kind(copy))
    assert.same({ "fromfd", fd }, copy:info().ctype)
    copy:write("one")
    assert.equal("one", b:recv(3))
    copy:close()
    a:write("two")
    assert.equal("two", b:recv(3))
    local second <close> = assert(Socket.open(fd, { dup = true }))
    a:close()
    second:write("three")
    assert.equal("three", b:recv(5))
  end)

  it("uses it itself with `dup = false`, and leaves it open", function()
    local a, b, _ <close> = net.tcp_pair()
    local fd = a:fileno()
    local other = assert(Socket.open(fd, { dup = false }))
    assert.equal(fd, other:fileno())
    assert.equal("inet stream tcp", kind(other))
    assert.equal("fromfd", other:info().ctype)
    other:write("one")
    assert.equal("one", b:recv(3))
    other:close()
    assert.is_true(other:is_closed())
    assert.is_nil((other:write("two")))
    a:write("three")
    assert.equal("three", b:recv(5))
    do
      local third = assert(Socket.open(fd, { dup = false }))
      assert.is_false(third:is_closed())
    end
    collectgarbage()
    collectgarbage()
    a:write("four")
    assert.equal("four", b:recv(4))
  end)

  it("leaves it open in a scheduler, too, with others waiting", function()
    Socket.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local other = assert(Socket.open(a:fileno(), { dup = false }))
      local task = Socket.schedule(other.recv, other, 1)
      Socket.sleep(0)
      other:close()
      local _, value, err = task:join()
      assert.is_nil(value)
      assert.equal("closed stream", tostring(err))
      local reading = Socket.schedule(a.recv, a, 10)
      Socket.sleep(0)
      b:write("hello")
      assert.same({ true, "hello" }, { reading:join(5) })
    end)
  end)

  it("believes what it is told", function()
    local a, _, _ <close> = net.pair()
    local copy <close> = assert(Socket.open(a:fileno(), { domain = "inet",
      type = "dgram", protocol = "udp" }))
    assert.equal("inet dgram udp", kind(copy))
  end)

  it("may keep it from being listed", function()
    local a, _, _ <close> = net.pair()
    local before = Socket.number_of()
    local copy <close> = assert(Socket.open(a:fileno(),
      { use_registry = false, debug = true }))
    assert.equal(before, Socket.number_of())
    assert.is_false(copy:getopt("otp", "use_registry"))
    assert.is_true(a:getopt("otp", "use_registry"))
    assert.is_true(copy:getopt("otp", "debug"))
  end)

  it("passes the socket to a block, and closes it", function()
    local a, b, _ <close> = net.pair()
    local seen
    assert.equal(3, Socket.open(a:fileno(), { dup = true }, function(sock)
      seen = sock
      return sock:write("one")
    end))
    assert.is_true(seen:is_closed())
    assert.equal("one", b:recv(3))
  end)

  it("tells of what is no socket", function()
    local file <close> = assert(io.tmpfile())
    assert.is_truthy(file)
    fails("EBADF", Socket.open(1 << 20))
    fails("EBADF", Socket.open(-1))
    fails("EBADF", Socket.open(1 << 20, { dup = false }))
    local a, b = Socket.pair()
    local fd = a:fileno()
    a:close()
    b:close()
    fails("EBADF", Socket.open(fd))
  end)
end)

-- Another network namespace, which lasts as long as its process -> its path,
-- closer | nil, why not.
local function new_namespace()
  local pipe = assert(io.popen(
    "unshare -n sh -c 'echo $$; exec sleep 60' 2>&1"))
  local line = pipe:read("l") or "unshare says nothing"
  local pid = tonumber(line)
  if not pid then
    pipe:close()
    return nil, line
  end
  return ("/proc/%d/ns/net"):format(pid), setmetatable({}, {
    __close = function()
      os.execute("kill " .. pid)
      pipe:close()
    end,
  })
end

describe("open with netns", function()
  if build.is_portable then
    it("is not there without setns", function()
      fails("ENOSYS", Socket.open("inet", "stream",
        { netns = "/proc/self/ns/net" }))
    end)
    return
  end

  it("tells of a path that names no namespace, and stays", function()
    local err = fails("ENOENT", Socket.open("inet", "stream",
      { netns = "/nonexistent" }))
    assert.equal("open(2)", err.syscall)
    assert.matches("/nonexistent", tostring(err), 1, true)
    err = fails("EINVAL", Socket.open("inet", "stream",
      { netns = "/etc/passwd" }))
    assert.equal("setns(2)", err.syscall)
    local server <close>, address = net.listener()
    local client <close> = Socket.new("INET", "STREAM")
    assert.equal(0, client:connect(address))
    assert.is_false(server:is_closed())
  end)

  local output, may_make = build.run("unshare -n true")
  if not may_make then
    pending("in another namespace: " .. output)
    return
  end

  it("makes the socket there, and comes back", function()
    local there, _ <close> = new_namespace()
    local server <close>, address, port = net.listener("0.0.0.0")
    local sock <close> = assert(Socket.open("inet", "stream", "tcp",
      { netns = there }))
    assert.equal("inet stream tcp", kind(sock))
    -- the port is free there, and nobody can be reached
    assert(sock:bind { family = "inet", addr = "any", port = port })
    local other <close> = assert(Socket.open("inet", "stream",
      { netns = there }))
    fails("ENETUNREACH", other:connect { family = "inet",
      addr = "127.0.0.1", port = port })
    local client <close> = Socket.new("INET", "STREAM")
    assert.equal(0, client:connect { family = "inet", addr = "127.0.0.1",
      port = port })
    assert.is_truthy(address)
    assert.is_false(server:is_closed())
  end)

  it("tells of a socket that cannot be made there, and comes back",
    function()
      local there, _ <close> = new_namespace()
      local err = fails("EPROTONOSUPPORT", Socket.open("inet", "stream",
        "udp", { netns = there }))
      assert.equal("socket(2)", err.syscall)
      local server <close>, address = net.listener()
      local client <close> = Socket.new("INET", "STREAM")
      assert.equal(0, client:connect(address))
      assert.is_false(server:is_closed())
    end)
end)
