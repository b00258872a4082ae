-- Socket.tcp: connecting to a host.

local Socket = require "socket"
local build = require "spec.support.build"
local names = require "spec.support.names"
local net = require "spec.support.net"

local TIMED_OUT = "Connection timed out - user specified timeout"

describe("Socket.tcp", function()
  net.each_family(function(host, name)
    it("connects over " .. name, function()
      local server <close>, _, port = net.listener(host)
      local client <close> = assert(Socket.tcp(host, port))
      local accepted <close>, peer = assert(server:accept())
      assert.is_true(client:is_a(Socket))
      assert.equal(port, client:remote_address():ip_port())
      assert.equal(client:local_address(), peer)
      assert.equal(5, accepted:send("hello", 0))
      assert.equal("hello", client:recv(5))
    end)

    it("tells a refusal over " .. name, function()
      local port, keeper = net.closed_port(host)
      local _ <close> = keeper
      local sock, err, errno = Socket.tcp(host, port)
      assert.is_nil(sock)
      assert.equal("ECONNREFUSED", err.name)
      assert.equal(Socket.Errno.ECONNREFUSED, errno)
      local text = host == "::1" and "[::1]" or host
      assert.equal(("Connection refused - connect(2) for %s:%d"):format(text,
        port), tostring(err))
      assert.is_nil(err.causes)
    end)

    it("gives up past its timeout over " .. name, function()
      local _, _, port, _ <close> = net.full_listener(host)
      for _, keyword in ipairs { "connect_timeout", "open_timeout", "timeout" }
      do
        local sock, err = Socket.tcp(host, port, { [keyword] = 0.02 })
        assert.is_nil(sock)
        assert.is_true(err == Socket.TIMEOUT)
        assert.equal("TimeoutError", err.name)
        assert.equal(TIMED_OUT, tostring(err))
      end
    end)
  end)

  it("does not wait with a timeout of 0", function()
    local _, _, port, _ <close> = net.full_listener()
    local sock, err = Socket.tcp("127.0.0.1", port, { connect_timeout = 0 })
    assert.is_nil(sock)
    assert.is_true(err == Socket.TIMEOUT)
  end)

  it("takes the port as a string", function()
    local _ <close>, _, port = net.listener()
    local client <close> = assert(Socket.tcp("127.0.0.1", tostring(port)))
    assert.equal(port, client:remote_address():ip_port())
  end)

  it("binds the local address before it connects", function()
    local _ <close>, _, port = net.listener()
    local client <close> = assert(Socket.tcp("127.0.0.1", port, "127.0.0.2", 0))
    assert.equal("127.0.0.2", client:local_address():ip_address())
  end)

  it("fails without a local address of the remote one's family", function()
    local _ <close>, _, port = net.listener()
    local sock, err, errno = Socket.tcp("127.0.0.1", port, "::1", 0)
    assert.is_nil(sock)
    assert.equal("SocketError", err.name)
    assert.equal("no appropriate local address", tostring(err))
    assert.is_nil(errno)
  end)

  it("lists the errors of all addresses that it tried", function()
    local port, keeper = net.closed_port()
    local _ <close> = keeper
    local addresses = assert(Socket.Addrinfo.getaddrinfo("localhost", port, nil,
      "STREAM"))
    local sock, err = Socket.tcp("localhost", port)
    assert.is_nil(sock)
    assert.equal(#addresses > 1 and #addresses or nil,
      err.causes and #err.causes)
    for _, cause in ipairs(err.causes or {}) do
      assert.is_true(Socket.Error.is(cause))
    end
  end)

  it("tells that a name is unknown", function()
    local unknown = names.refusal "EAI_NONAME"
    local _ <close> = names.serve { INET6 = unknown, INET = unknown,
      all = unknown }
    for _, fast_fallback in ipairs { true, false } do
      local sock, err, errno = Socket.tcp("name", 80,
        { resolv_timeout = 10, fast_fallback = fast_fallback })
      assert.is_nil(sock)
      assert.equal(unknown, err)
      assert.is_nil(errno)
    end
  end)

  describe("with a function", function()
    it("returns what that returns and closes the socket", function()
      local _ <close>, _, port = net.listener()
      local seen
      local results = table.pack(Socket.tcp("127.0.0.1", port, function(sock)
        seen = sock
        assert.is_false(sock:is_closed())
        return 42, nil, "x"
      end))
      assert.same({ 42, nil, "x", n = 3 }, results)
      assert.is_true(seen:is_closed())
    end)

    it("closes the socket and raises the error unchanged", function()
      local _ <close>, _, port = net.listener()
      local value, seen = {}, nil
      local ok, err = pcall(Socket.tcp, "127.0.0.1", port, { timeout = 5 },
        function(sock)
          seen = sock
          error(value)
        end)
      assert.is_false(ok)
      assert.equal(value, err)
      assert.is_true(seen:is_closed())
    end)

    it("is not called when nobody answers", function()
      local port, keeper = net.closed_port()
      local _ <close> = keeper
      local sock, err = Socket.tcp("127.0.0.1", port, error)
      assert.is_nil(sock)
      assert.equal("ECONNREFUSED", err.name)
    end)
  end)

  local function complaint(...)
    local ok, message = pcall(Socket.tcp, ...)
    assert.is_false(ok)
    return message:match("bad argument .*$")
  end

  it("raises for wrong arguments", function()
    assert.equal("bad argument #2 to 'tcp' (port expected)", complaint())
    assert.equal("bad argument #1 to 'tcp' (host must be a string, not "
      .. "boolean)", complaint(true, 80))
    assert.equal("bad argument #2 to 'tcp' (port 65536 is not an integer from "
      .. "0 to 65535)", complaint("127.0.0.1", 65536))
    assert.equal("bad argument #4 to 'tcp' (port must be an integer or a "
      .. "string, not boolean)", complaint("127.0.0.1", 80, nil, true))
    assert.equal("bad argument #3 to 'tcp' (unknown keyword 'timout')",
      complaint("127.0.0.1", 80, { timout = 1 }))
    assert.equal("bad argument #3 to 'tcp' (open_timeout stands alone: it "
      .. "bounds both the other timeouts)", complaint("127.0.0.1", 80,
      { open_timeout = 1, connect_timeout = 1 }))
  end)
end)

describe("TCPSocket.new", function()
  it("connects", function()
    local _ <close>, _, port = net.listener()
    for _, new in ipairs { Socket.TCPSocket.new, Socket.TCPSocket.open,
      Socket.TCPSocket } do
      local client <close> = assert(new("127.0.0.1", port))
      assert.is_true(client:is_a(Socket.TCPSocket))
      assert.is_true(client:is_a(Socket.IPSocket))
      assert.is_false(client:is_a(Socket))
      assert.equal(("#<TCPSocket:fd %d, AF_INET, 127.0.0.1, %d>"):format(
        client:fileno(), client:local_address():ip_port()), tostring(client))
    end
  end)

  it("names host and port in its errors", function()
    local port, keeper = net.closed_port()
    local _ <close> = keeper
    local sock, err, errno = Socket.TCPSocket.new("127.0.0.1", port)
    assert.is_nil(sock)
    assert.equal(Socket.Errno.ECONNREFUSED, errno)
    assert.equal(('Connection refused - connect(2) for "127.0.0.1" port %d')
      :format(port), tostring(err))
  end)

  it("gives up past its timeout", function()
    local _, _, port, _ <close> = net.full_listener()
    local sock, err = Socket.TCPSocket.new("127.0.0.1", port,
      { connect_timeout = 0.02 })
    assert.is_nil(sock)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal(('Connection timed out - connect(2) for "127.0.0.1" port %d')
      :format(port), tostring(err))
  end)
end)

describe("tcp_fast_fallback", function()
  it("is on until it is set", function()
    assert.is_true(Socket.tcp_fast_fallback())
    assert.is_true(Socket.set_tcp_fast_fallback(false))
    assert.is_false(Socket.tcp_fast_fallback())
    assert.is_true(Socket.set_tcp_fast_fallback(true))
    assert.is_true(Socket.tcp_fast_fallback())
    assert.error_matches(Socket.set_tcp_fast_fallback, "#1")
  end)

  it("begins as the environment says", function()
    for value, expected in pairs { ["1"] = "false", ["0"] = "true" } do
      local output = build.run(("RUBY_TCP_NO_FAST_FALLBACK=%s %s -e %s"):format(
        value, build.command(),
        build.quote "print(require('socket').tcp_fast_fallback())"))
      assert.equal(expected .. "\n", output)
    end
  end)
end)
