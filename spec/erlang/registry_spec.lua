-- Which sockets there are, and who is told when one closes.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

-- Runs the function with the registry on or off for new sockets.
local function with_registry(on, fn)
  local before = Socket.use_registry()
  local _ <close> = setmetatable({}, { __close = function()
    Socket.use_registry(before)
  end })
  assert.is_true(Socket.use_registry(on))
  return fn()
end

local function contains(list, value)
  for _, other in ipairs(list) do
    if rawequal(other, value) then return true end
  end
  return false
end

-- Whether which_sockets gives it, with that filter.
local function is_listed(sock, filter)
  return contains(Socket.which_sockets(filter), sock)
end

-- Whatever the specs before have left behind goes.
local function collect()
  collectgarbage()
  collectgarbage()
end

describe("number_of", function()
  it("counts open sockets", function()
    collect()
    local before = Socket.number_of()
    local a, b = Socket.pair()
    assert.equal(before + 2, Socket.number_of())
    a:close()
    assert.equal(before + 1, Socket.number_of())
    a:close()
    assert.equal(before + 1, Socket.number_of())
    b:close()
    assert.equal(before, Socket.number_of())
  end)

  it("counts accepted ones, those made of an fd, and no detached ones",
    function()
      collect()
      local before = Socket.number_of()
      local server <close>, address = net.listener()
      local client <close> = Socket.new("INET", "STREAM")
      assert(client:connect(address))
      local accepted = server:accept()
      assert.equal(before + 3, Socket.number_of())
      local fd = accepted:detach()
      assert.equal(before + 2, Socket.number_of())
      local again <close> = Socket.for_fd(fd)
      assert.equal(before + 3, Socket.number_of())
      assert.is_true(is_listed(again))
    end)

  it("does not count what was collected", function()
    collect()
    local before = Socket.number_of()
    for _ = 1, 10 do Socket.new("INET", "DGRAM") end
    collect()
    assert.equal(before, Socket.number_of())
  end)

  it("does not count what could not be opened", function()
    collect()
    local before = Socket.number_of()
    assert.is_nil((Socket.new("INET", "STREAM", "udp")))
    local server <close> = net.listener()
    assert.is_nil((server:accept_nonblock()))
    assert.equal(before + 1, Socket.number_of())
  end)
end)

describe("which_sockets", function()
  it("lists open sockets, each once", function()
    local list <close>, count = setmetatable({}, { __close = function(list)
      for _, sock in ipairs(list) do sock:close() end
    end }), 100
    for i = 1, count do list[i] = Socket.new("INET", "DGRAM") end
    for i = count, 1, -3 do table.remove(list, i):close() end
    for _ = 1, 20 do list[#list + 1] = Socket.new("INET", "STREAM") end
    local seen = {}
    for _, sock in ipairs(Socket.which_sockets()) do
      assert.is_nil(seen[sock])
      assert.is_false(sock:is_closed())
      seen[sock] = true
    end
    for _, sock in ipairs(list) do assert.is_true(seen[sock]) end
    assert.equal(Socket.number_of(), #Socket.which_sockets())
  end)

  it("takes names of domains, types and protocols", function()
    local tcp <close> = Socket.new("INET", "STREAM")
    local udp <close> = Socket.new("INET", "DGRAM")
    local a, _, _ <close> = net.pair("SEQPACKET")
    local cases = {
      { "inet", true, true, false }, { "AF_INET", true, true, false },
      { "INET6", false, false, false },
      { "local", false, false, true }, { "unix", false, false, true },
      { "stream", true, false, false }, { "SOCK_STREAM", true, false, false },
      { "dgram", false, true, false }, { "seqpacket", false, false, true },
      { "tcp", true, false, false }, { "udp", false, true, false },
      { "IPPROTO_UDP", false, true, false }, { "sctp", false, false, false },
    }
    for _, case in ipairs(cases) do
      local filter = case[1]
      assert.equal(case[2], is_listed(tcp, filter), filter)
      assert.equal(case[3], is_listed(udp, filter), filter)
      assert.equal(case[4], is_listed(a, filter), filter)
    end
  end)

  it("takes a function of the info and the socket", function()
    local a, b, _ <close> = net.pair()
    a:write("hello")
    assert.same({ a }, Socket.which_sockets(function(info)
      return info.counters.write_byte == 5 and info.domain == "local"
    end))
    assert.same({ b }, Socket.which_sockets(function(_, sock)
      return sock == b
    end))
    assert.same({}, Socket.which_sockets(function() return false end))
  end)

  it("may be asked by a function that closes sockets", function()
    local a, b, _ <close> = net.pair()
    local list = Socket.which_sockets(function()
      a:close()
      b:close()
      return false
    end)
    assert.same({}, list)
  end)

  it("raises for an unknown name, and passes an error on", function()
    local ok, message = pcall(Socket.which_sockets, "nonsense")
    assert.is_false(ok)
    assert.matches("bad argument #1 to 'which_sockets' %(unknown filter",
      message)
    local a, _, _ <close> = net.pair()
    assert.has_error(function()
      Socket.which_sockets(function(_, sock)
        if sock == a then error("oops", 0) end
      end)
    end, "oops")
  end)
end)

describe("use_registry", function()
  it("keeps new sockets from being listed", function()
    local listed <close> = Socket.new("INET", "STREAM")
    with_registry(false, function()
      assert.is_false(Socket.use_registry())
      local before = Socket.number_of()
      local sock <close> = Socket.new("INET", "STREAM")
      assert.equal(before, Socket.number_of())
      assert.is_false(is_listed(sock))
      assert.is_true(is_listed(listed))
      sock:close()
      assert.equal(before, Socket.number_of())
    end)
    assert.is_true(Socket.use_registry())
    local sock <close> = Socket.new("INET", "STREAM")
    assert.is_true(is_listed(sock))
  end)

  it("is handed on to accepted sockets", function()
    local server <close>, address = net.listener()
    local hidden <close>, hidden_address = with_registry(false, net.listener)
    local a <close> = Socket.new("INET", "STREAM")
    local b <close> = Socket.new("INET", "STREAM")
    assert(a:connect(address))
    assert(b:connect(hidden_address))
    local not_listed <close> = hidden:accept()
    assert.is_false(is_listed(not_listed))
    with_registry(false, function()
      local listed <close> = server:accept()
      assert.is_true(is_listed(listed))
    end)
  end)

  it("takes a boolean", function()
    assert.is_false(pcall(Socket.use_registry, 1))
    assert.is_false(pcall(Socket.use_registry, nil))
  end)
end)

describe("the library's info", function()
  it("counts the sockets by their kind", function()
    collect()
    local before = Socket.info().counters
    local tcp <close> = Socket.new("INET", "STREAM")
    local udp <close> = Socket.new("INET", "DGRAM")
    local _, _, _ <close> = net.pair("SEQPACKET")
    local counters = Socket.info().counters
    local grown = {}
    for name, count in pairs(counters) do
      grown[name] = count ~= before[name] and count - before[name] or nil
    end
    assert.same({ num_sockets = 4, num_dinet = 2, num_dlocal = 2,
      num_tstreams = 1, num_tdgrams = 1, num_tseqpkgs = 2, num_ptcp = 1,
      num_pudp = 1, num_pip = 2 }, grown)
    assert.equal(32, counters.num_cnt_bits)
    assert.equal(Socket.number_of(), counters.num_sockets)
    tcp:close()
    udp:close()
  end)

  it("tells how it works", function()
    local info = Socket.info()
    assert.is_true(info.iov_max >= 16)
    assert.is_true(info.use_registry)
    assert.equal(build.is_portable and "poll" or "epoll",
      info.io_backend.name)
  end)
end)

-- What the function writes to io.output() -> its lines.
local function printed(fn, ...)
  local file <close> = assert(io.tmpfile())
  local before = io.output()
  io.output(file)
  local ok, err = pcall(fn, ...)
  io.output(before)
  assert(ok, err)
  file:seek("set", 0)
  local lines = {}
  for line in file:lines() do lines[#lines + 1] = line end
  return lines
end

describe("i", function()
  it("prints a table of sockets in the order of their fds", function()
    local server <close>, _, port = net.listener()
    local client <close> = Socket.TCPSocket.new("127.0.0.1", port)
    local accepted <close> = assert(server:accept())
    local own = client:addr()[2]
    client:write("hello")
    assert.equal("hello", accepted:recv(5))
    local mine = { [server] = true, [client] = true, [accepted] = true }
    local lines = printed(Socket.i, function(_, sock) return mine[sock] end)
    local width = #("127.0.0.1:%d"):format(math.max(port, own))
    local function row(...)
      return (("%-6s %-6s %-8s %-2s %-5s %-" .. width .. "s %-" .. width
        .. "s %-4s %-4s %s"):format(...))
    end
    local expected = {
      { server:fileno(), row("inet", "STREAM", "TCP", server:fileno(), "",
        "127.0.0.1:" .. port, "", 0, 0, "BD:LG, -") },
      { client:fileno(), row("inet", "STREAM", "TCP", client:fileno(), "",
        "127.0.0.1:" .. own, "127.0.0.1:" .. port, 0, 5, "BD, CD") },
      { accepted:fileno(), row("inet", "STREAM", "TCP", accepted:fileno(), "",
        "127.0.0.1:" .. port, "127.0.0.1:" .. own, 5, 0, "BD, CD") },
    }
    table.sort(expected, function(a, b) return a[1] < b[1] end)
    assert.equal(row("Domain", "Type", "Protocol", "Fd", "Owner",
      "Local Address", "Remote Address", "Recv", "Sent", "State"), lines[1])
    for i, line in ipairs(expected) do assert.equal(line[2], lines[i + 1]) end
    assert.equal(4, #lines)
  end)

  it("prints the columns that are asked for", function()
    local path = net.path()
    local server <close> = Socket.UNIXServer.new(path)
    assert.same({ "Domain Type   Local Address",
      "local  STREAM " .. path },
      printed(Socket.i, function(_, sock) return sock == server end,
        { "domain", "type", "local_address" }))
    local abstract <close> = Socket.UNIXServer.new("\0sockeye" .. path)
    local netlink <close> = Socket.new("NETLINK", "RAW", "route")
    assert.same({ "Local Address", "@sockeye" .. path, "groups=0 pid=0" },
      printed(Socket.i, function(_, sock)
        return sock == abstract or sock == netlink
      end, { "local_address" }))
    local lines = printed(Socket.i, { "fd" })
    assert.equal("Fd", lines[1])
    assert.equal(Socket.number_of(), #lines - 1)
    assert.equal("Fd Protocol", printed(Socket.i, "unix",
      { "fd", "protocol" })[1])
  end)

  it("raises for an unknown filter or column", function()
    for arg, case in pairs { { "nonsense" }, { "tcp", { "nonsense" } } } do
      local ok, message = pcall(Socket.i, table.unpack(case))
      assert.is_false(ok)
      assert.matches(("bad argument #%d to 'i' %%(unknown"):format(arg),
        message)
    end
  end)
end)

-- A function that notes its calls, and the list of them.
local function noting()
  local calls = {}
  return function(...) calls[#calls + 1] = table.pack(...) end, calls
end

-- Calls the function while on_error's errors go to a list, which it returns.
local function errors_of(fn)
  local list = {}
  Socket.set_on_error(function(err, traceback, task)
    list[#list + 1] = { err = err, traceback = traceback, task = task }
  end)
  local ok, err = pcall(fn)
  Socket.set_on_error(nil)
  assert(ok, err)
  return list
end

describe("a monitor", function()
  it("is called once when the socket has closed", function()
    local a, _, _ <close> = net.pair()
    local note, calls = noting()
    local monitor = a:monitor(function(sock, ...)
      assert.is_true(sock:is_closed())
      note(sock, ...)
    end)
    assert.equal(0, #calls)
    a:close()
    a:close()
    assert.same({ { a, "closed", monitor, n = 3 } }, calls)
  end)

  it("is called however the socket closes", function()
    local ways = {
      function(sock) sock:close() end,
      function(sock) sock:close_write() sock:close_read() end,
      function(sock) sock:close_read() sock:close_write() end,
      function(sock) Socket.for_fd(sock:detach()):close() end,
      function(sock) local _ <close> = sock end,
    }
    for _, way in ipairs(ways) do
      local a, _, _ <close> = net.pair()
      local note, calls = noting()
      a:monitor(note)
      way(a)
      assert.equal(1, #calls)
    end
  end)

  it("is called when the socket is collected, which it does not prevent",
    function()
      local note, calls = noting()
      do
        local sock = Socket.new("INET", "STREAM")
        sock:monitor(function(...) note(sock, ...) end)
      end
      collect()
      assert.equal(1, #calls)
      assert.is_true(calls[1][1]:is_closed())
    end)

  it("is called at once for a closed socket", function()
    local sock = Socket.new("INET", "STREAM")
    sock:close()
    local note, calls = noting()
    local monitor = sock:monitor(note)
    assert.equal(1, #calls)
    assert.equal("closed", calls[1][2])
    assert.is_false(Socket.cancel_monitor(monitor))
  end)

  it("is one of several, called in their order", function()
    local a, _, _ <close> = net.pair()
    local order = {}
    for i = 1, 3 do a:monitor(function() order[i] = #order + 1 end) end
    a:close()
    assert.same({ 1, 2, 3 }, order)
  end)

  it("may be taken back", function()
    local a, _, _ <close> = net.pair()
    local note, calls = noting()
    local first, second = a:monitor(note), a:monitor(note)
    assert.is_true(Socket.cancel_monitor(first))
    assert.is_false(Socket.cancel_monitor(first))
    a:close()
    assert.equal(1, #calls)
    assert.equal(second, calls[1][3])
    assert.is_false(a:cancel_monitor(second))
  end)

  it("may take back the next one", function()
    local a, _, _ <close> = net.pair()
    local note, calls = noting()
    local second
    a:monitor(function() assert.is_true(a:cancel_monitor(second)) end)
    second = a:monitor(note)
    a:monitor(note)
    a:close()
    assert.equal(1, #calls)
  end)

  it("may monitor again, and close others", function()
    local a, b, _ <close> = net.pair()
    local note, calls = noting()
    b:monitor(note)
    a:monitor(function(sock)
      b:close()
      sock:monitor(note)
    end)
    a:close()
    assert.same({ b, a }, { calls[1][1], calls[2][1] })
  end)

  it("tells on_error of its errors, and the others are called", function()
    local a, _, _ <close> = net.pair()
    local note, calls = noting()
    local err = { "an error" }
    local list = errors_of(function()
      a:monitor(function() error(err) end)
      a:monitor(note)
      assert.is_true(a:close())
    end)
    assert.equal(1, #calls)
    assert.equal(1, #list)
    assert.equal(err, list[1].err)
    assert.matches("registry_spec.lua", list[1].traceback, 1, true)
    assert.is_nil(list[1].task)
  end)

  it("tells on_error which task has closed the socket", function()
    local list = errors_of(function()
      Socket.run(function()
        local a, _, _ <close> = net.pair()
        a:monitor(function() error("oops", 0) end)
        local task = Socket.schedule(a.close, a)
        assert.same({ true, true }, { task:join() })
      end)
    end)
    assert.equal("oops", list[1].err)
    assert.equal(Socket.Task, getmetatable(list[1].task).__index)
  end)

  it("comes after those who waited were woken, and may wait itself",
    function()
      tasks.run(function()
        local a, b, _ <close> = net.pair()
        local c, d, _ <close> = net.pair()
        local seen
        local reading = tasks.waiting(a.read, a, 1)
        a:monitor(function() seen = c:recv(5) end)
        local closing = tasks.waiting(a.close, a)
        assert.equal("closed stream", select(3, reading:join()).message
          or nil)
        d:write("hello")
        assert.is_true(tasks.result(closing))
        assert.equal("hello", seen)
        assert.is_false(b:is_closed())
      end)
    end)

  it("raises for what is no function or no monitor", function()
    local a, _, _ <close> = net.pair()
    assert.has_error(function() a:monitor(1) end)
    assert.has_error(function() Socket.cancel_monitor(1) end)
    assert.has_error(function() a:cancel_monitor() end)
    assert.has_error(function() Socket.BasicSocket.monitor({}, print) end)
  end)
end)
