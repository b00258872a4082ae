-- The calls that can be started with timeout = "nowait", one by one.

local Socket = require "socket"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"

local SelectInfo = Socket.SelectInfo
local receive = Socket.receive
local NOWAIT = nowait.NOWAIT
local start = nowait.start
local fill = nowait.fill
local is_nothing = nowait.is_nothing
local is_told = nowait.is_told
local is_gone = nowait.is_gone

nowait.describe("nowait", function(run)
  it("may be of each kind of call", function()
    run(function()
      local function ready_to_read(sock, peer, methods, data)
        for _, method in ipairs(methods) do
          local select = start(sock, method[1], table.unpack(method, 2))
          assert.equal(method[1], select.op)
          peer:write(data)
          is_told(select)
          local results = table.pack(sock[method[1]](sock,
            table.unpack(method, 2)))
          assert.is_truthy(results[1], method[1])
        end
      end
      local a, b, _ <close> = net.tcp_pair()
      ready_to_read(b, a, {
        { "recv", 5, NOWAIT }, { "recvfrom", NOWAIT }, { "recvmsg", NOWAIT },
        { "read", 5, NOWAIT }, { "read", "l", NOWAIT }, { "gets", NOWAIT },
        { "readline", NOWAIT }, { "readpartial", 5, NOWAIT },
        { "sysread", 5, NOWAIT }, { "recvv", { 2, 3 }, NOWAIT },
        { "recvmsg", { msghdr = true, timeout = "nowait" } },
        { "recv", 5, 0, { exact = true, timeout = "nowait" } },
      }, "line\n")
      ready_to_read(b, a, {
        { "getc", NOWAIT }, { "getbyte", NOWAIT }, { "readchar", NOWAIT },
        { "readbyte", NOWAIT },
      }, "x")
      local c, d, _ <close> = net.udp_pair()
      ready_to_read(d, c, { { "recv", NOWAIT }, { "recvfrom", NOWAIT },
        { "recvmsg", NOWAIT } }, "datagram")
      local e, f, _ <close> = net.pair()
      for _, method in ipairs {
        { "send", "bytes", 0, nil, NOWAIT }, { "write", "bytes", NOWAIT },
        { "sendmsg", "bytes", 0, nil, NOWAIT }, { "print", "bytes", NOWAIT },
        { "puts", "bytes", NOWAIT }, { "syswrite", "bytes", NOWAIT },
        { "sendv", { "by", "tes" }, NOWAIT },
        { "sendmsg", { iov = { "by", "tes" } }, NOWAIT },
      } do
        local total = fill(e)
        local select = start(e, table.unpack(method))
        assert.equal(method[1], select.op)
        f:read(total)
        is_told(select)
        local result = assert(e[method[1]](e, table.unpack(method, 2)))
        assert.is_truthy(result)
        f:readpartial(100)
      end
      is_nothing(receive(0))
    end)
  end)

  it("may be an accept", function()
    run(function()
      local server <close>, address = net.listener()
      for _, method in ipairs { "accept", "sysaccept" } do
        local select = start(server, method, NOWAIT)
        assert.equal(method, select.op)
        local client <close> = assert(Socket.new("INET", "STREAM"))
        assert(client:connect(address))
        is_told(select)
        local peer, from = server[method](server, NOWAIT)
        local sock <close> = method == "accept" and peer or Socket.for_fd(peer)
        assert.equal(client:getsockname(), sock:getpeername())
        assert.equal(client:getsockname(), from:to_sockaddr())
      end
      local tcp_server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
      local select = start(tcp_server, "accept", NOWAIT)
      local client <close> = assert(Socket.new("INET", "STREAM"))
      assert(client:connect(tcp_server:getsockname()))
      is_told(select)
      local sock <close> = assert(tcp_server:accept(NOWAIT))
      assert.equal(client:getsockname(), sock:getpeername())
    end)
  end)

  it("may be a connect, which is finished without an address", function()
    run(function()
      local server <close>, address = net.listener()
      for _, again in ipairs { false, true } do
        local sock <close> = assert(Socket.new("INET", "STREAM"))
        local select = start(sock, "connect", address, NOWAIT)
        assert.equal("connect", select.op)
        is_told(select)
        assert.equal(0, sock:connect(again and address or nil, NOWAIT))
        is_gone(sock:cancel(select))
        assert(server:accept()):close()
      end
      local port, holder = net.closed_port()
      local sock <close> = assert(Socket.new("INET", "STREAM"))
      local ok, err = sock:connect({ family = "inet", addr = "127.0.0.1",
        port = port }, NOWAIT)
      if SelectInfo.is(err) then
        is_told(err)
        ok, err = sock:connect()
      end
      assert.is_nil(ok)
      assert.equal("ECONNREFUSED", err.name)
      holder:close()
    end)
  end)

  it("tells the method's name however it is called", function()
    run(function()
      local _, b, _ <close> = net.tcp_pair()
      local _, select = select(2, pcall(b.readline, b, NOWAIT))
      assert.equal("readline", select.op)
      local fn = b.readpartial
      _, select = fn(b, 5, NOWAIT)
      assert.equal("readpartial", select.op)
      assert.equal("socket.SelectInfo: readpartial", tostring(select))
    end)
  end)
end)
