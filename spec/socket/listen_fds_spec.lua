local Socket = require "socket"
local activated = require "spec.support.activated"
local build = require "spec.support.build"
local net = require "spec.support.net"

local guard = require "socket.guard"

local HEAD = [[
local Socket = require "socket"
local list, by_name, errno = Socket.listen_fds()
]]

-- What a script that takes the sockets in prints.
local function run(script, socks, names, variables)
  local before, kept = activated.command(socks, names, variables)
  local _ <close> = guard.owned(table.unpack(kept))
  local command = ("%s\nexec %s -e %s -"):format(before, build.command(),
    build.quote(HEAD .. script))
  local said, ok = build.run("bash -c " .. build.quote(command) ..
    " </dev/null")
  assert.is_true(ok, said)
  return said
end

local SHOW = [[
for i, sock in ipairs(list) do
  local class = tostring(sock):match "#<(%w+)" or io.type(sock)
  local fd = class ~= "file" and sock:fileno()
  local cloexec = fd and sock:fcntl(1) -- F_GETFD
  io.write(i, " ", class, " ", tostring(fd), " ", tostring(cloexec), "\n")
end
]]

describe("Socket.listen_fds", function()
  if not os.execute "bash -c true" then
    pending "is tried with bash"
    return
  end

  it("gives nothing without a service manager", function()
    local list, by_name = Socket.listen_fds()
    assert.are.same({}, list)
    assert.are.same({}, by_name)
  end)

  it("gives sockets of the classes that fit", function()
    local tcp <close> = net.listener()
    local unix <close> = assert(Socket.UNIXServer.new(net.path()))
    local one, other, _ <close> = net.udp_pair()
    local client, accepted, _ <close> = net.tcp_pair()
    local left, right, _ <close> = net.pair()
    local datagram, peer, _ <close> = net.pair "DGRAM"
    assert.are.equal([[
1 TCPServer 3 1
2 UNIXServer 4 1
3 UDPSocket 5 1
4 TCPSocket 6 1
5 UNIXSocket 7 1
6 Socket 8 1
]], run(SHOW, { tcp, unix, one, accepted, left, datagram }))
    assert.is_truthy(other and client and right and peer)
  end)

  it("gives IPv6 servers", function()
    if not net.has_ipv6() then return pending "needs IPv6" end
    local server <close> = net.listener "::1"
    assert.are.equal("1 TCPServer 3 1\n", run(SHOW, { server }))
  end)

  it("gives a file for what is no socket", function()
    local before = "exec 3</dev/null\nexport LISTEN_PID=$$ LISTEN_FDS=1\n"
    local said = build.run("bash -c " .. build.quote(before .. "exec " ..
      build.command() .. " -e " .. build.quote(HEAD .. [[
        print(io.type(list[1]), list[1]:read "a")
      ]]) .. " - </dev/null"))
    assert.are.equal("file\t\n", said)
  end)

  it("gives them by name", function()
    local a <close> = net.listener()
    local b <close> = net.listener()
    local c <close> = net.listener()
    local said = run([[
      assert(list[1] == by_name.http[1] and list[3] == by_name.http[2])
      assert(list[2] == by_name[""][1])
      print(#list, #by_name.http, #by_name[""])
    ]], { a, b, c }, "http::http")
    assert.are.equal("3\t2\t1\n", said)
  end)

  it("calls what has no name unknown", function()
    local a <close> = net.listener()
    local b <close> = net.listener()
    local said = run("print(#by_name.unknown, #list)", { a, b })
    assert.are.equal("2\t2\n", said)
  end)

  it("gives sockets that work", function()
    local server <close>, _, port = net.listener()
    local said = run([[
      local port = list[1]:addr()[2]
      local client <close> = assert(Socket.tcp("127.0.0.1", port))
      client:puts "hello"
      client:close_write()
      Socket.accept_loop(list, function(sock)
        print(port, sock:read())
        return Socket.BREAK
      end)
    ]], { server })
    assert.are.equal(port .. "\thello\n\n", said)
  end)

  it("gives each once, and tells no program that is started", function()
    local server <close> = net.listener()
    local said = run([[
      local again, names = Socket.listen_fds()
      print(#list, #again, next(names))
      io.stdout:flush()
      os.execute "env | grep -c ^LISTEN_; test -e /proc/self/fd/3 && echo open"
    ]], { server }, "a", { LISTEN_PIDFDID = 1 })
    assert.are.equal("1\t0\tnil\n0\n", said)
  end)

  it("leaves alone what is for another process", function()
    local server <close> = net.listener()
    local said = run([[
      print(#list, os.getenv "LISTEN_FDS", Socket.for_fd(3):fcntl(1))
    ]], { server }, nil, { LISTEN_PID = 1 })
    assert.are.equal("0\tnil\t0\n", said)
  end)

  for what, variables in pairs {
    ["no count"] = { LISTEN_FDS = "''" },
    ["a count of none"] = { LISTEN_FDS = 0 },
    ["a count below 0"] = { LISTEN_FDS = -1 },
    ["a count that is too large"] = { LISTEN_FDS = 2147483647 },
    ["a count that is much too large"] = { LISTEN_FDS = "9999999999999999999" },
    ["a count that is no number"] = { LISTEN_FDS = "1x" },
    ["a process that is no number"] = { LISTEN_PID = "x" },
    ["too many names"] = { LISTEN_FDNAMES = "a:b" },
    ["too few names"] = { LISTEN_FDNAMES = "a", LISTEN_FDS = 2 },
  } do
    it("fails for " .. what, function()
      local server <close> = net.listener()
      local other <close> = net.listener()
      local socks = { server, variables.LISTEN_FDS == 2 and other or nil }
      local said = run("print(list, by_name.name, errno == by_name.errno)",
        socks, nil, variables)
      assert.are.equal("nil\tEINVAL\ttrue\n", said)
    end)
  end

  it("fails where there are fewer", function()
    local server <close> = net.listener()
    local said = run("print(list, by_name)", { server }, nil,
      { LISTEN_FDS = 2 })
    assert.are.equal("nil\tBad file descriptor - listen_fds\n", said)
  end)
end)
