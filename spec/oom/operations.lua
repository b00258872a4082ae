-- What is tried with failing memory: each row has a name, a function that
-- prepares (its values are handed over), one that is called again and again,
-- each time with another request for memory failing, and perhaps one that then
-- checks what works still, by raising. Whatever is made in any is closed or
-- collected afterwards.

local Socket = require "socket"
local names = require "spec.support.names"
local native = require "socket.native"
local net = require "spec.support.net"

local TIMEOUT = { timeout = 5 }

local function listener_with_client()
  local server, address, port = net.listener()
  local client = assert(Socket.new("INET", "STREAM"))
  assert(client:connect(address))
  return server, client, port
end

local function pair_with(data)
  return function()
    local a, b, closer = net.pair()
    assert(b:send(data, 0))
    b:close_write()
    return a, b, closer
  end
end

local function nothing() end

local LINES = ("a line of some length\n"):rep(200)

-- Two unix sockets, of which the second has been passed what has an fd.
local function passed(make)
  return function()
    local a, b = assert(Socket.UNIXSocket.pair())
    local object <close> = assert(make())
    assert(b:send_io(object))
    return a, b, setmetatable({}, { __close = function()
      a:close()
      b:close()
    end })
  end
end

local function udp()
  local sock = assert(Socket.UDPSocket.new())
  assert(sock:bind("127.0.0.1", 0))
  sock:send("data", 0, sock:getsockname())
  return sock, nil, sock
end

return {
  { "recv with nowait, and its message", nothing, function()
    local a, b, _ <close> = net.pair()
    local _, select = b:recv(5, { timeout = "nowait" })
    a:send("bytes")
    local message = Socket.receive(0)
    b:cancel(select)
    return message
  end },
  { "send with nowait, of which a part goes out", nothing, function()
    local a, b, _ <close> = net.pair()
    local _, select = a:send(("x"):rep(1 << 20), 0, nil,
      { timeout = "nowait" })
    b:recv(1 << 20)
    a:cancel(select)
    return Socket.receive(0)
  end },
  { "sendfile with nowait, of which a part goes out", nothing, function()
    local a, b, _ <close> = net.pair()
    local file <close> = assert(io.tmpfile())
    file:write(("x"):rep(1 << 20))
    local _, select = a:sendfile(file, { timeout = "nowait" })
    b:recv(1 << 20)
    a:cancel(select)
    return Socket.receive(0)
  end, function()
    while Socket.receive(0) do end -- of one that nobody could cancel
  end },
  { "close with a call started", nothing, function()
    local _, b, _ <close> = net.pair()
    b:gets { timeout = "nowait" }
    b:close()
    return Socket.receive(0)
  end },
  { "recv_io of a socket", passed(udp), function(a) return a:recv_io() end },
  { "recv_io of a file", passed(io.tmpfile), function(a)
    return a:recv_io()
  end },
  { "recv_io for a class", passed(udp), function(a)
    return a:recv_io(Socket.UDPSocket)
  end },
  { "send_io", net.pair, function(a, b)
    return Socket.UNIXSocket.send_io(a, b)
  end },
  { "a UDPSocket's addresses", udp, function(sock)
    return sock:addr(true), sock:recvfrom()
  end },
  { "a UDPSocket's send by name", udp, function(sock)
    return sock:send("x", 0, "localhost", 9)
  end },
  { "new", nothing, function() return Socket.new("INET", "STREAM") end },
  { "pair", nothing, function() return Socket.pair("UNIX", "STREAM") end },
  { "pair with a block", nothing, function()
    return Socket.pair("UNIX", "STREAM", 0, function() return {} end)
  end },
  { "accept", listener_with_client, function(server)
    return server:accept(TIMEOUT)
  end },
  { "accept_nonblock", listener_with_client, function(server)
    return server:accept_nonblock()
  end },
  { "recv", pair_with("data"), function(a) return a:recv(100) end },
  { "recv of much", pair_with(LINES), function(a) return a:recv(65536) end },
  { "recvfrom", net.udp_pair, function(a, b)
    b:send("data", 0)
    return a:recvfrom(100, 0, TIMEOUT)
  end },
  { "recv without data", net.pair, function(a) return a:recv_nonblock(10) end },
  { "recv past its deadline", net.pair, function(a)
    return a:recv(10, 0, { timeout = 0.001 })
  end },
  { "write a list", net.pair, function(a)
    return a:write({ "a", { "b", "c" } })
  end },
  { "send to an address", net.udp_pair, function(a, b)
    return a:send("x", 0, b:local_address())
  end },
  { "gets", pair_with(LINES), function(a) return a:gets(), a:gets("x") end },
  { "gets of all", pair_with(LINES), function(a) return a:gets(false) end },
  { "read", pair_with(LINES), function(a) return a:read() end },
  { "read a length", pair_with(LINES), function(a) return a:read(1000) end },
  { "read formats", pair_with(LINES), function(a)
    return a:read("l", "L", "a")
  end },
  { "readlines", pair_with(LINES), function(a) return a:readlines() end },
  { "readpartial", pair_with(LINES), function(a)
    return a:readpartial(100), a:getc(), a:ungetc("abc"), a:readpartial(10)
  end },
  { "ungetc", net.pair, function(a) return a:ungetc(LINES) end },
  { "lines", pair_with(LINES), function(a)
    for line in a:lines() do
      if #line == 0 then break end
    end
  end },
  { "each_line", pair_with(LINES), function(a)
    return a:each_line(nothing)
  end },
  { "puts", net.pair, function(a) return a:puts("a", { "b", { 1, 2 } }) end },
  { "print", net.pair, function(a) return a:print("a", 1, "b") end },
  { "printf", net.pair, function(a) return a:printf("%d %s", 1, "b") end },
  { "buffered write", net.pair, function(a)
    a:set_sync(false)
    return a:write(LINES), a:flush()
  end },
  { "write that does not fit", net.pair, function(a)
    return a:write_nonblock(("x"):rep(2 ^ 22))
  end },
  { "write past its deadline", net.pair, function(a)
    return a:write(("x"):rep(2 ^ 22), { timeout = 0.001 })
  end },
  { "getsockopt", net.pair, function(a)
    return a:getsockopt("SOCKET", "LINGER"):inspect()
  end },
  { "getopt", net.pair, function(a)
    a:getopt("tcp", "nodelay") -- fails on a unix socket
    return a:getopt("socket", "linger")
  end },
  { "setopt", net.pair, function(a)
    a:setopt { { "socket", "linger", "abort" }, { "tcp", "nodelay", true } }
    return a:setopt("otp", "meta", {}) and a:setopt("otp", "rcvbuf", { 2, 3 })
  end },
  { "supports", nothing, function()
    return Socket.supports("options", "tcp", "cork")
  end },
  { "setsockopt", net.pair, function(a)
    return a:setsockopt("SOCKET", "KEEPALIVE", true)
  end },
  { "local_address", net.tcp_pair, function(a)
    return a:local_address():inspect(), a:remote_address(), a:getsockname()
  end },
  { "inspect", net.pair, function(a) return tostring(a) end },
  { "select", pair_with("x"), function(a, b)
    return Socket.select({ a }, { b }, nil, 5)
  end },
  { "connect", net.listener, function(server)
    local sock = Socket.new("INET", "STREAM")
    return sock:connect(server:local_address(), TIMEOUT)
  end },
  { "connect refused", net.closed_port, function(port)
    local sock = Socket.new("INET", "STREAM")
    return sock:connect(Socket.pack_sockaddr_in(port, "127.0.0.1"))
  end },
  { "Socket.tcp", listener_with_client, function(_, _, port)
    return Socket.tcp("127.0.0.1", port)
  end },
  { "Socket.tcp with a deadline", listener_with_client, function(_, _, port)
    return Socket.tcp("localhost", port, TIMEOUT)
  end },
  { "Socket.tcp at several addresses", listener_with_client,
    function(_, _, port)
      local served <close> = names.serve {
        INET6 = { { "127.0.0.1", 0 } }, INET = { { "127.0.0.1", port } },
      }
      return Socket.tcp("name", port), served
    end },
  { "a look-up to wait for", nothing, function()
    return native.resolver.start("localhost", 80, "INET", "STREAM")
  end },
  { "a look-up's result", function()
    return assert(native.resolver.start("127.0.0.1", 80))
  end, function(lookup) return lookup:result() end },
  { "tcp_server_sockets", nothing, function()
    return Socket.tcp_server_sockets("127.0.0.1", 0)
  end },
  { "accept_loop", listener_with_client, function(server)
    return Socket.accept_loop({ server }, function() return Socket.BREAK end)
  end },
  { "unix_server_socket", net.path, function(path)
    return Socket.unix_server_socket(path, nothing)
  end },
  { "getaddrinfo", nothing, function()
    return Socket.getaddrinfo("127.0.0.1", "80", nil, "STREAM")
  end },
  { "getaddrinfo with a deadline", nothing, function()
    return Socket.Addrinfo.getaddrinfo("localhost", "80", nil, "STREAM", nil,
      nil, TIMEOUT)
  end },
  { "getaddrinfo that fails", nothing, function()
    return Socket.Addrinfo.getaddrinfo("127.0.0.1", "no such service")
  end },
  { "getnameinfo", nothing, function()
    return Socket.getnameinfo({ "AF_INET", 80, "127.0.0.1" })
  end },
  { "gethostbyname", nothing, function()
    return Socket.gethostbyname("localhost")
  end },
  { "getservbyname", nothing, function()
    return Socket.getservbyname("http"), Socket.getservbyport(80)
  end },
  { "getifaddrs", nothing, function()
    return Socket.getifaddrs()
  end },
  { "ip_address_list", nothing, function()
    return Socket.ip_address_list()
  end },
  { "Addrinfo.new", nothing, function()
    return Socket.Addrinfo.new({ "AF_INET", 80, "name", "127.0.0.1" }):inspect()
  end },
  { "Addrinfo.tcp", nothing, function()
    return Socket.Addrinfo.tcp("127.0.0.1", 80):inspect_sockaddr()
  end },
  { "Addrinfo.foreach", nothing, function()
    return Socket.Addrinfo.foreach("127.0.0.1", 80, nothing)
  end },
  { "family_addrinfo", nothing, function()
    return Socket.Addrinfo.tcp("127.0.0.1", 80):family_addrinfo("::1", 80)
  end },
  { "marshal_dump", nothing, function()
    local addrinfo = Socket.Addrinfo.tcp("127.0.0.1", "80")
    return Socket.Addrinfo.marshal_load(addrinfo:marshal_dump())
  end },
  { "an address as a table", net.tcp_pair, function(a)
    return Socket.Addrinfo.new(a:sockname()), a:peername()
  end },
  { "pack_sockaddr_in", nothing, function()
    return Socket.unpack_sockaddr_in(Socket.pack_sockaddr_in(80, "127.0.0.1"))
  end },
  { "pack_sockaddr_un", nothing, function()
    return Socket.unpack_sockaddr_un(Socket.pack_sockaddr_un("/tmp/sock"))
  end },
  { "TCPSocket.new", listener_with_client, function(_, _, port)
    return Socket.TCPSocket.new("127.0.0.1", port)
  end },
  { "TCPServer.new", nothing, function()
    return Socket.TCPServer.new("127.0.0.1", 0)
  end },
  { "UNIXServer.new", net.path, function(path)
    return Socket.UNIXServer.new(path)
  end },
  { "Socket.unix", net.path, function(path)
    local _ <close> = assert(Socket.unix_server_socket(path))
    return Socket.unix(path)
  end },
  { "udp_server_recv", net.udp_pair, function(a, b)
    b:send("message", 0)
    return Socket.udp_server_recv({ a }, function(message, source)
      return source:reply(message), source:inspect()
    end)
  end },
  { "Addrinfo.connect", net.listener, function(server)
    return server:local_address():connect(TIMEOUT)
  end },
  { "Addrinfo.connect_from", net.listener, function(server)
    return server:local_address():connect_from("127.0.0.1", 0)
  end },
  { "Addrinfo.foreach", nothing, function()
    return Socket.Addrinfo.foreach("127.0.0.1", 80, nil, nil, nil, nil, nothing)
  end },
  { "copy_stream", pair_with(LINES), function(a)
    local to <close>, other = Socket.pair("UNIX", "STREAM")
    local _ <close> = other
    return Socket.copy_stream(a, to)
  end },
  { "sendmsg and recvmsg of tables", net.pair, function(a, b)
    assert(a:sendmsg {
      iov = { "message", { "s" } },
      ctrl = { { level = "socket", type = "rights", value = { a, b } } },
    })
    return b:recvmsg { msghdr = true, scm_rights = true }
  end },
  { "recv of exactly so many", net.pair, function(a, b)
    a:send("message")
    return b:recv(10, 0, { exact = true, timeout = 0 })
  end },
  { "sendv and recvv", net.pair, function(a, b)
    a:sendv { "message", { "s" } }
    return b:recvv { 3, 10 }
  end },
  { "ioctl of all interfaces", net.pair, function(a)
    return a:ioctl "gifconf"
  end },
  { "close with bytes to write", net.pair, function(a)
    a:set_sync(false)
    a:write("bytes")
    return a:close()
  end },
  { "open of an fd", net.pair, function(a)
    local sock <close> = assert(Socket.open(a:fileno(), { debug = true }))
    return sock:info()
  end },
  { "open of an fd itself", net.pair, function(a)
    local sock <close> = assert(Socket.open(a:fileno(), { dup = false }))
    return sock:is_closed()
  end },
  { "open in a namespace", nothing, function()
    return Socket.open("INET", "STREAM", { netns = "/proc/self/ns/net" },
      nothing)
  end },
  { "many sockets, listed", nothing, function()
    local list = {}
    for i = 1, 40 do list[i] = assert(Socket.new("UNIX", "STREAM")) end
    return list, Socket.number_of()
  end },
  { "which_sockets", net.pair, function()
    return Socket.which_sockets("local")
  end },
  { "monitors", net.pair, function(a)
    local monitor = a:monitor(nothing)
    a:monitor(function() error("oops") end)
    Socket.cancel_monitor(monitor)
    Socket.set_on_error(nothing)
    a:close()
    Socket.set_on_error(nil)
  end },
}
