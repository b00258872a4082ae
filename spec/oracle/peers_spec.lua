-- Two programs, one of them Ruby's: client and server of each kind, both ways
-- round. The other program is peers.rb.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"

local LIMIT = { timeout = 10 }
local HOST = "127.0.0.1"

local alphabet = {}
for byte = 0, 255 do
  alphabet[#alphabet + 1] = string.char(byte)
end
local BODY = table.concat(alphabet):rep(1000)
local DATAGRAM = BODY:sub(1, 60000)

local has_ruby = os.execute "command -v ruby >/dev/null"

local Ruby = {}
Ruby.__index = Ruby

-- Starts the other program in a role.
local function start(role, ...)
  local words = { "exec ruby spec/oracle/peers.rb", role }
  for _, word in ipairs { ... } do
    words[#words + 1] = build.quote(tostring(word))
  end
  local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
  return setmetatable({ pipe = pipe }, Ruby)
end

-- A line that it printed: at first, where a server is reached.
function Ruby:line()
  return self.pipe:read "l"
end

-- The rest of what it printed, when it has ended.
function Ruby:finish()
  local rest = self.pipe:read "a"
  self.pipe:close()
  self.pipe = nil
  return rest
end

function Ruby:__close()
  if self.pipe then self.pipe:close() end
end

local function ask_stream(sock)
  assert(sock:set_timeout(10))
  assert(sock:puts "hello")
  assert.equal("HELLO\n", sock:gets())
  assert.equal(#BODY, sock:write(BODY))
  assert(sock:close_write())
  assert.is_true(BODY == sock:read(), "another body")
end

local function serve_stream(sock)
  assert(sock:set_timeout(10))
  assert(sock:write(sock:gets():upper()))
  local body = assert(sock:read())
  assert.is_true(BODY == body, "another body")
  assert.equal(#body, sock:write(body))
  assert(sock:close())
end

local function bound(socktype)
  local path = net.path()
  local sock = assert(Socket.new("UNIX", socktype))
  assert(sock:bind(Socket.Addrinfo.unix(path)))
  return sock, path
end

local function tcp_server()
  local server = assert(Socket.TCPServer.new(HOST, 0))
  return server, server:local_address():ip_port()
end

local function contents(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- `it`, where there is Ruby.
local function try(name, fn)
  if has_ruby then return it(name, fn) end
  pending(name .. ": Ruby is not installed")
end

describe("this library and Ruby, as client and server,", function()
  try("talk over TCP", function()
    local ruby <close> = start "tcp_server"
    local sock <close> = assert(Socket.TCPSocket.new(HOST, ruby:line()))
    ask_stream(sock)
    assert.equal("same\n", ruby:finish())
  end)

  try("talk over UNIX streams", function()
    local ruby <close> = start("unix_server", net.path())
    local sock <close> = assert(Socket.UNIXSocket.new(ruby:line()))
    ask_stream(sock)
    assert.equal("same\n", ruby:finish())
  end)

  try("exchange UDP datagrams", function()
    local ruby <close> = start "udp_server"
    local sock <close> = assert(Socket.UDPSocket.new())
    assert(sock:set_timeout(10))
    assert(sock:connect(HOST, ruby:line()))
    for _, message in ipairs { "hello", "", DATAGRAM } do
      assert.equal(#message, sock:send(message, 0))
      assert.is_true(message:reverse() == sock:recv(65536))
    end
    assert.equal("5\n0\n60000\n", ruby:finish())
  end)

  try("exchange UNIX datagrams", function()
    local ruby <close> = start("datagram_server", net.path())
    local address = Socket.pack_sockaddr_un(ruby:line())
    local sock, path = bound "DGRAM"
    local _ <close> = sock
    for _, message in ipairs { "hello", DATAGRAM } do
      assert.equal(#message, sock:send(message, 0, address, LIMIT))
      assert.is_true(message:reverse() == sock:recv(65536, 0, LIMIT))
    end
    assert.equal(("%s\n5\n%s\n60000\n"):format(path, path), ruby:finish())
  end)

  try("exchange packets in sequence", function()
    local ruby <close> = start("seqpacket_server", net.path())
    local sock <close> = assert(Socket.new("UNIX", "SEQPACKET"))
    assert(sock:connect(Socket.pack_sockaddr_un(ruby:line())))
    for _, message in ipairs { "one", "three" } do
      assert.equal(#message, sock:send(message))
    end
    assert.equal("eno", sock:recv(100, 0, LIMIT))
    assert.equal("eerht", sock:recv(100, 0, LIMIT))
    assert(sock:close())
    assert.equal("one\nthree\n", ruby:finish())
  end)

  try("send urgent data", function()
    local ruby <close> = start "urgent_server"
    local sock <close> = assert(Socket.TCPSocket.new(HOST, ruby:line()))
    assert.equal(2, sock:send "ab")
    assert.equal(1, sock:send("!", "OOB"))
    assert.equal(2, sock:send "cd")
    assert(sock:close())
    assert.equal("!\nabcd\n", ruby:finish())
  end)

  try("pass descriptors", function()
    local file <close> = assert(io.open("README.md", "rb"))
    local ruby <close> = start("descriptor_server", net.path())
    local sock <close> = assert(Socket.UNIXSocket.new(ruby:line()))
    local ours, theirs = assert(Socket.UNIXSocket.pair())
    local _ <close> = ours
    assert(sock:send_io(file))
    assert(sock:send_io(theirs))
    assert(theirs:close())
    assert.equal("from Ruby", ours:read(nil, LIMIT))
    assert.equal(contents "README.md", ruby:finish())
  end)

  try("pass descriptors with a message", function()
    local file <close> = assert(io.open("README.md", "rb"))
    local ruby <close> = start("rights_server", net.path())
    local sock <close> = assert(Socket.UNIXSocket.new(ruby:line()))
    local rights = Socket.AncillaryData.unix_rights(sock, file)
    assert.equal(3, sock:sendmsg("two", 0, nil, rights))
    assert.equal("two\n1\n2\n" .. contents "README.md", ruby:finish())
  end)
end)

describe("Ruby and this library, as client and server,", function()
  try("talk over TCP", function()
    local server, port = tcp_server()
    local _ <close> = server
    local ruby <close> = start("tcp_client", port)
    local sock <close> = assert(server:accept(LIMIT))
    serve_stream(sock)
    assert.equal("HELLO\nsame\n", ruby:finish())
  end)

  try("talk over UNIX streams", function()
    local path = net.path()
    local server <close> = assert(Socket.UNIXServer.new(path))
    local ruby <close> = start("unix_client", path)
    local sock <close> = assert(server:accept(LIMIT))
    serve_stream(sock)
    assert.equal("HELLO\nsame\n", ruby:finish())
  end)

  try("exchange UDP datagrams", function()
    local sock <close> = assert(Socket.UDPSocket.new())
    assert(sock:bind(HOST, 0))
    assert(sock:set_timeout(10))
    local ruby <close> = start("udp_client", sock:local_address():ip_port())
    for _ = 1, 3 do
      local message, from = sock:recvfrom(65536)
      assert(sock:send(message:reverse(), 0, from[4], from[2]))
    end
    assert.equal("true\ntrue\ntrue\n", ruby:finish())
  end)

  try("exchange UNIX datagrams", function()
    local sock, path = bound "DGRAM"
    local _ <close> = sock
    local own = net.path()
    local ruby <close> = start("datagram_client", path, own)
    for _ = 1, 2 do
      local message, from = sock:recvfrom(65536, 0, LIMIT)
      assert.equal(own, from:unix_path())
      assert(sock:send(message:reverse(), 0, from, LIMIT))
    end
    assert.equal("true\ntrue\n", ruby:finish())
  end)

  try("exchange packets in sequence", function()
    local server, path = bound "SEQPACKET"
    local _ <close> = server
    assert(server:listen(1))
    local ruby <close> = start("seqpacket_client", path)
    local sock <close> = assert(server:accept(LIMIT))
    local messages = {}
    for message in function() return sock:recv(100, 0, LIMIT) end do
      messages[#messages + 1] = message
      assert(sock:send(message:reverse()))
    end
    assert.same({ "one", "three" }, messages)
    assert.equal("eno\neerht\n", ruby:finish())
  end)

  try("send urgent data", function()
    local server, port = tcp_server()
    local _ <close> = server
    local ruby <close> = start("urgent_client", port)
    local sock <close> = assert(server:accept(LIMIT))
    assert(Socket.select(nil, nil, { sock }, 10))
    assert.equal("!", sock:recv(1, "OOB"))
    assert.equal("abcd", sock:read(nil, LIMIT))
    assert.equal("", ruby:finish())
  end)

  try("pass descriptors", function()
    local path = net.path()
    local server <close> = assert(Socket.UNIXServer.new(path))
    local ruby <close> = start("descriptor_client", path, "README.md")
    local sock <close> = assert(server:accept(LIMIT))
    local file <close> = assert(sock:recv_io())
    assert.equal(contents "README.md", file:read "a")
    local passed <close> = assert(sock:recv_io(Socket.UNIXSocket))
    assert(passed:write "from Lua")
    assert(passed:close())
    assert.equal("from Lua\n", ruby:finish())
  end)

  try("pass descriptors with a message", function()
    local path = net.path()
    local server <close> = assert(Socket.UNIXServer.new(path))
    local ruby <close> = start("rights_client", path, "README.md")
    local sock <close> = assert(server:accept(LIMIT))
    assert(sock:set_timeout(10))
    local message, _, _, rights = sock:recvmsg(100, 0, nil,
      { scm_rights = true })
    assert.equal("two", message)
    local passed = rights:unix_rights()
    assert.equal(2, #passed)
    local file <close> = passed[1]
    local other <close> = passed[2]
    assert.equal(contents "README.md", file:read "a")
    assert(other:write "from Lua")
    assert(other:close())
    assert.equal("from Lua\n", ruby:finish())
  end)
end)
