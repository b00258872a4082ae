-- What a socket counts of its calls, and what `info` tells beside.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"
local paths = require "spec.support.paths"
local tasks = require "spec.support.tasks"

local ALL = {
  "acc_fails", "acc_success", "acc_tries", "acc_waits",
  "read_byte", "read_fails", "read_pkg", "read_pkg_max", "read_tries",
  "read_waits", "sendfile", "sendfile_byte", "sendfile_fails", "sendfile_max",
  "sendfile_pkg", "sendfile_pkg_max", "sendfile_tries", "sendfile_waits",
  "write_byte", "write_fails", "write_pkg", "write_pkg_max", "write_tries",
  "write_waits",
}

-- The counters that are not 0 have these values, and there are no others.
local function counts(sock, expected)
  local counters = sock:info().counters
  local others = {}
  for _, name in ipairs(ALL) do
    assert.equal("integer", math.type(counters[name]), name)
    if counters[name] ~= 0 then others[name] = counters[name] end
    counters[name] = nil
  end
  assert.same({}, counters)
  assert.same(expected, others)
end

local function would_block(value, err)
  assert.is_nil(value)
  assert.equal("EAGAIN", err.name)
end

-- Closes with a reset instead of an end.
local function reset(sock)
  assert(sock:setsockopt("SOCKET", "LINGER", string.pack("ii", 1, 0)))
  assert(sock:close())
end

describe("the counters of a new socket", function()
  it("are all 0", function()
    local sock <close> = Socket.new("INET", "STREAM")
    counts(sock, {})
  end)
end)

describe("the counters of a stream", function()
  it("have what a write and a read moved", function()
    local a, b, _ <close> = net.tcp_pair()
    a:write("hello")
    assert.equal("hello", b:recv(10))
    counts(a, { write_byte = 5, write_pkg = 1, write_pkg_max = 5,
      write_tries = 1 })
    counts(b, { read_byte = 5, read_pkg = 1, read_pkg_max = 5,
      read_tries = 1 })
  end)

  it("add up, and know the longest", function()
    local a, b, _ <close> = net.pair()
    for _, text in ipairs { "one", "three", "a" } do
      a:send(text)
      assert.equal(text, b:readpartial(10))
    end
    counts(a, { write_byte = 9, write_pkg = 3, write_pkg_max = 5,
      write_tries = 3 })
    counts(b, { read_byte = 9, read_pkg = 3, read_pkg_max = 5,
      read_tries = 3 })
  end)

  it("count what is gathered once", function()
    local a, b, _ <close> = net.pair()
    a:write("one\n", { "two\n", "three" })
    a:send { "four", { "five" } }
    a:sendmsg { "six" }
    assert.equal("one\n", b:gets())
    assert.equal("two\n", b:gets())
    assert.equal("threefourfivesix", b:readpartial(100))
    counts(a, { write_byte = 24, write_pkg = 3, write_pkg_max = 13,
      write_tries = 3 })
    counts(b, { read_byte = 24, read_pkg = 1, read_pkg_max = 24,
      read_tries = 1 })
  end)

  it("count each part of an exact read", function()
    local a, b, _ <close> = net.pair()
    a:write("abcd")
    assert.equal("TimeoutError", select(2,
      b:recv(6, nil, { exact = true, timeout = 0.01 })).name)
    counts(b, { read_byte = 4, read_pkg = 1, read_pkg_max = 4, read_tries = 2,
      read_waits = 1 })
  end)

  it("count what is buffered when it goes out", function()
    local a, b, _ <close> = net.pair()
    a:set_sync(false)
    a:write("one")
    a:write("two")
    counts(a, {})
    a:flush()
    assert.equal("onetwo", b:recvmsg(10))
    counts(a, { write_byte = 6, write_pkg = 1, write_pkg_max = 6,
      write_tries = 1 })
    counts(b, { read_byte = 6, read_pkg = 1, read_pkg_max = 6,
      read_tries = 1 })
  end)

  it("count tries that found nothing", function()
    local a, b, _ <close> = net.pair()
    would_block(b:recv_nonblock(1))
    would_block(b:read_nonblock(1))
    would_block(b:recvmsg_nonblock(1))
    a:write("x")
    assert.equal("x", b:recv_nonblock(1))
    counts(b, { read_byte = 1, read_pkg = 1, read_pkg_max = 1, read_tries = 4,
      read_waits = 3 })
  end)

  it("count a wait that time ended", function()
    local _, b, _ <close> = net.pair()
    assert.equal(Socket.TIMEOUT, select(2, b:recv(1, { timeout = 0.001 })))
    counts(b, { read_tries = 1, read_waits = 1 })
  end)

  it("count the end as a failed read", function()
    local a, b, _ <close> = net.pair()
    a:close()
    assert.is_nil(b:recv(1))
    assert.is_nil(b:recvmsg(1))
    assert.is_nil(b:gets())
    counts(b, { read_tries = 3, read_fails = 3 })
  end)

  it("count errors once", function()
    local a, b, _ <close> = net.tcp_pair()
    b:write("x")
    assert(a:wait_readable(5))
    reset(a)
    assert(b:wait_readable(5))
    assert.equal("ECONNRESET", select(2, b:recv(1)).name)
    assert.equal("ECONNRESET", select(2, b:recv(1)).name) -- the kept one
    assert.equal("EPIPE", select(2, b:write("x")).name)
    counts(b, { read_tries = 1, read_fails = 1, write_byte = 1,
      write_pkg = 1, write_pkg_max = 1, write_tries = 2, write_fails = 1 })
  end)

  it("count a look ahead, too", function()
    local a, b, _ <close> = net.pair()
    a:write("abc")
    assert.equal("ab", b:recv(2, "PEEK"))
    assert.equal("abc", b:recv(3))
    counts(b, { read_byte = 5, read_pkg = 2, read_pkg_max = 3,
      read_tries = 2 })
  end)

  it("count writes that found no room", function()
    local a, _, _ <close> = net.pair()
    local written, piece = 0, ("x"):rep(65536)
    while true do
      local count, err = a:syswrite(piece, { timeout = 0 })
      if not count then
        would_block(count, err)
        break
      end
      written = written + count
    end
    local counters = a:info().counters
    assert.equal(written, counters.write_byte)
    assert.equal(65536, counters.write_pkg_max)
    assert.is_true(counters.write_waits > 0)
    assert.equal(counters.write_tries,
      counters.write_pkg + counters.write_waits)
  end)

  it("have all that went through one that had to wait", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local size = 8 << 20
      local writing = tasks.waiting(a.send, a, ("x"):rep(size))
      assert.equal(size, #b:read(size))
      assert.equal(size, tasks.result(writing))
      local sent, got = a:info().counters, b:info().counters
      assert.equal(size, sent.write_byte)
      assert.is_true(sent.write_waits > 0)
      assert.equal(0, sent.write_fails)
      assert.equal(sent.write_tries, sent.write_pkg + sent.write_waits)
      assert.equal(size, got.read_byte)
    end)
  end)

  it("count the wait of a task", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      for i = 1, 3 do -- a known lack is no other than one found out
        local reading = tasks.waiting(b.recv, b, 10)
        a:write("hello")
        assert.equal("hello", tasks.result(reading))
        counts(b, { read_byte = 5 * i, read_pkg = i, read_pkg_max = 5,
          read_tries = 2 * i, read_waits = i })
      end
    end)
  end)

  it("stay after its end", function()
    local a, b, _ <close> = net.pair()
    a:write("hello")
    a:close()
    b:close()
    counts(a, { write_byte = 5, write_pkg = 1, write_pkg_max = 5,
      write_tries = 1 })
    counts(b, {})
  end)
end)

describe("the counters of datagrams", function()
  it("count an empty one as any other", function()
    local a, b, _ <close> = net.udp_pair()
    a:send("")
    a:send("1234567890")
    assert.equal("", b:recv(10))
    assert.equal("1234", b:recvfrom(4)) -- the rest is gone
    counts(a, { write_byte = 10, write_pkg = 2, write_pkg_max = 10,
      write_tries = 2 })
    counts(b, { read_byte = 4, read_pkg = 2, read_pkg_max = 4,
      read_tries = 2 })
  end)

  it("count one of many pieces as one", function()
    local a, b, _ <close> = net.pair("DGRAM")
    a:sendmsg { "ab", "cd" }
    a:write("ef", "gh")
    assert.equal("abcd", b:recvmsg())
    assert.equal("efgh", b:recv())
    counts(a, { write_byte = 8, write_pkg = 2, write_pkg_max = 4,
      write_tries = 2 })
    counts(b, { read_byte = 8, read_pkg = 2, read_pkg_max = 4,
      read_tries = 2 })
  end)

  it("count one that is too long as failed", function()
    local a, _, _ <close> = net.udp_pair()
    assert.equal("EMSGSIZE", select(2, a:send(("x"):rep(70000))).name)
    counts(a, { write_tries = 1, write_fails = 1 })
  end)

  it("count each of those that one call takes", function()
    local client <close> = Socket.new("INET", "DGRAM")
    local server, seen = nil, 0
    assert(Socket.udp_server_loop("127.0.0.1", 0, {
      listening = function(list)
        server = list[1]
        client:connect(server:getsockname())
        for i = 1, 3 do client:send(("x"):rep(i)) end
      end,
    }, function(message, source)
      seen = seen + 1
      source:reply(message)
      if seen == 3 then return Socket.BREAK end
    end))
    for i = 1, 3 do assert.equal(i, #client:recv(10, { timeout = 5 })) end
    local counters = server:info().counters
    assert.equal(6, counters.read_byte)
    assert.equal(3, counters.read_pkg)
    assert.equal(3, counters.read_pkg_max)
    assert.equal(6, counters.write_byte)
    assert.equal(3, counters.write_pkg)
    assert.equal(3, counters.write_pkg_max)
    assert.equal(0, counters.read_fails + counters.write_fails)
  end)

  it("count bytes that come along with an fd", function()
    local a, b, _ <close> = Socket.UNIXSocket.pair()
    a:send_io(a)
    b:recv_io():close()
    counts(a, { write_byte = 1, write_pkg = 1, write_pkg_max = 1,
      write_tries = 1 })
    counts(b, { read_byte = 1, read_pkg = 1, read_pkg_max = 1,
      read_tries = 1 })
    b:close()
  end)
end)

describe("the counters of a listening socket", function()
  it("count connections, waits and failures", function()
    local server <close>, address = net.listener()
    would_block(server:accept_nonblock())
    counts(server, { acc_tries = 1, acc_waits = 1 })
    local client <close> = Socket.new("INET", "STREAM")
    assert(client:connect(address))
    local accepted <close> = assert(server:accept())
    counts(server, { acc_tries = 2, acc_waits = 1, acc_success = 1 })
    counts(accepted, {})
    counts(client, {})
    assert.equal("ENOTCONN", select(2, server:recv(1)).name)
    counts(server, { acc_tries = 2, acc_waits = 1, acc_success = 1,
      read_tries = 1, read_fails = 1 })
  end)

  it("count an accept before listen as failed", function()
    local sock <close> = Socket.new("INET", "STREAM")
    assert.equal("EINVAL", select(2, sock:accept()).name)
    counts(sock, { acc_tries = 1, acc_fails = 1 })
  end)
end)

describe("the counters of copying", function()
  if build.is_portable then
    pending("inside the kernel: it is not, here")
    return
  end

  it("count a file apart", function()
    local path = paths.new()
    local a, b, _ <close> = net.pair()
    local file <close> = assert(io.open(path, "w+"))
    file:write(("x"):rep(1000))
    file:flush()
    file:seek("set", 0)
    assert.equal(1000, Socket.copy_stream(file, a))
    assert.equal(1000, #b:recv(2000))
    local counters = a:info().counters
    assert.equal(1000, counters.sendfile_byte)
    assert.equal(1000, counters.sendfile_max)
    assert.equal(1000, counters.sendfile_pkg_max)
    assert.equal(0, counters.sendfile_fails)
    assert.equal(counters.sendfile, counters.sendfile_tries)
    assert.equal(0, counters.write_tries)
  end)

  it("count a socket's bytes as read and written", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    a:write("hello")
    a:close()
    assert.equal(5, Socket.copy_stream(b, c))
    counts(b, { read_byte = 5, read_pkg = 1, read_pkg_max = 5, read_tries = 2,
      read_fails = 1 })
    counts(c, { write_byte = 5, write_pkg = 1, write_pkg_max = 5,
      write_tries = 1 })
    assert.equal("hello", d:recv(10))
  end)
end)

-- The names in `rstates` and `wstates`.
local function states(sock)
  local info = sock:info()
  return table.concat(info.rstates, " ") .. "|"
    .. table.concat(info.wstates, " ")
end

describe("info", function()
  it("names the kind of socket", function()
    local cases = {
      { "INET", "STREAM", nil, "inet", "stream", "tcp" },
      { "INET", "STREAM", "tcp", "inet", "stream", "tcp" },
      { "INET", "DGRAM", nil, "inet", "dgram", "udp" },
      { "UNIX", "STREAM", nil, "local", "stream", "default" },
      { "UNIX", "SEQPACKET", nil, "local", "seqpacket", "default" },
    }
    if net.has_ipv6() then
      table.insert(cases, { "INET6", "STREAM", nil, "inet6", "stream", "tcp" })
    end
    for _, case in ipairs(cases) do
      local sock <close> = assert(Socket.new(case[1], case[2], case[3]))
      local info = sock:info()
      assert.equal(case[4], info.domain)
      assert.equal(case[5], info.type)
      assert.equal(case[6], info.protocol)
      assert.equal("normal", info.ctype)
    end
  end)

  it("names the domain as its addresses do", function()
    local sock <close> = assert(Socket.new("NETLINK", "RAW", "route"))
    assert.equal("netlink", sock:info().domain)
    assert.equal("netlink", sock:sockname().family)
  end)

  it("tells of an fd from elsewhere", function()
    local sock = Socket.new("INET", "STREAM")
    local again <close> = Socket.for_fd(sock:detach())
    assert.equal("fromfd", again:info().ctype)
  end)

  it("tells what state it is in", function()
    local sock <close> = Socket.new("INET", "STREAM")
    assert.equal("|", states(sock))
    local server <close>, address = net.listener()
    assert.equal("bound listening|", states(server))
    sock:connect(address)
    assert.equal("bound|connected", states(sock))
    local info = sock:info()
    assert.is_true(info.readable and info.writable)
    sock:close()
    assert.equal("closed|closed", states(sock))
    info = sock:info()
    assert.is_false(info.readable or info.writable)
    assert.equal("inet", info.domain)
  end)

  it("tells which halves are open", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    a:close_write()
    b:close_read()
    c:shutdown("RD")
    d:shutdown("WR")
    local function halves(sock)
      local info = sock:info()
      return { info.readable, info.writable }
    end
    assert.same({ true, false }, halves(a))
    assert.same({ false, true }, halves(b))
    assert.same({ false, true }, halves(c))
    assert.same({ true, false }, halves(d))
  end)

  it("counts those that wait", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local server <close> = net.listener()
      local list = {
        tasks.waiting(b.read, b, 3),
        tasks.waiting(b.read, b, 3),
        tasks.waiting(b.write, b, ("x"):rep(1 << 22)),
        tasks.waiting(server.accept, server),
      }
      local info = b:info()
      assert.equal(2, info.num_readers)
      assert.equal(1, info.num_writers)
      assert.equal(0, info.num_acceptors)
      assert.equal("selected|connected selected", states(b))
      info = server:info()
      assert.equal(0, info.num_readers)
      assert.equal(1, info.num_acceptors)
      assert.equal("bound listening accepting selected|", states(server))
      a:write("abc")
      assert.equal("abc", tasks.result(list[1]))
      assert.equal(1, b:info().num_readers)
      for _, task in ipairs(list) do task:cancel() end
      tasks.pause()
      assert.equal(0, b:info().num_readers)
      assert.equal(0, b:info().num_writers)
    end)
  end)

  it("counts calls that were started", function()
    local function try()
      local _, b, _ <close> = net.pair()
      local server <close> = net.listener()
      local _, read = b:recv(1, nil, { timeout = "nowait" })
      local _, accept = server:accept { timeout = "nowait" }
      assert.equal(1, b:info().num_readers)
      assert.equal(1, server:info().num_acceptors)
      assert.is_true(b:cancel(read))
      assert.is_true(server:cancel(accept))
      assert.equal(0, b:info().num_readers)
      assert.equal(0, server:info().num_acceptors)
      counts(b, { read_tries = 1, read_waits = 1 })
    end
    try()
    tasks.run(try)
  end)
end)
