local build = require "spec.support.build"
local paths = require "spec.support.paths"

local CC = os.getenv("CC") or "cc"

-- A sanitizer's library would otherwise insist on being loaded first.
local ENVIRONMENT = "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "

local PRELUDE = [[
local Socket = require "socket"
local function check(err)
  assert(err == Socket.TIMEOUT, tostring(err))
  assert(err.name == "TimeoutError")
end
local native = require "socket.native"
local function lowest_fd()
  local sock <close> = Socket.new("INET", "STREAM")
  return sock:fileno()
end
]]

-- Runs the script in a process whose resolver never answers about never.test.
local function run(script)
  local library = paths.new()
  local output, ok = build.run(("%s -shared -fPIC -D_GNU_SOURCE -o %s %s -ldl")
    :format(CC, library, "spec/support/slow_resolver.c"))
  if not ok then return pending("there is no compiler: " .. output) end
  output, ok = build.run(("%sLD_PRELOAD=%s timeout 15 %s -e %s"):format(
    ENVIRONMENT, library, build.command(), build.quote(PRELUDE .. script)))
  assert.equal("", output)
  assert.is_true(ok)
end

describe("a look-up that gets no answer", function()
  it("ends at its deadline, and leaves no fd open", function()
    run [[
      local before = lowest_fd()
      local opts = { timeout = 0.05 }
      check(select(2, Socket.getaddrinfo("never.test", 80, opts)))
      check(select(2, Socket.gethostbyname("never.test", opts)))
      check(select(2, Socket.IPSocket.getaddress("never.test", opts)))
      check(select(2, Socket.getnameinfo({ "INET", 80, "never.test" }, opts)))
      check(select(2, Socket.getnameinfo({ "INET", 80, "192.0.2.77" }, opts)))
      check(select(2, Socket.getaddrinfo("192.0.2.77", 80, nil, "STREAM", nil,
        nil, true, opts)))
      assert(lowest_fd() == before)
    ]]
  end)

  it("does not hold up the others, once nobody waits for it", function()
    run [[
      for _ = 1, 40 do
        local opts = { timeout = 0.005 }
        check(select(2, Socket.getaddrinfo("never.test", 80, opts)))
      end
      assert(Socket.getaddrinfo("localhost", 80, { timeout = 10 }))
    ]]
  end)

  it("is one of a bounded number, and the next wait for their turn", function()
    run [[
      for _ = 1, 80 do
        local opts = { timeout = 0.005 }
        check(select(2, Socket.getaddrinfo("never.test", 80, opts)))
      end
      local threads = 0
      for line in io.lines("/proc/self/status") do
        threads = tonumber(line:match("^Threads:%s*(%d+)")) or threads
      end
      assert(threads <= 65, threads)
      check(select(2, Socket.getaddrinfo("localhost", 80, { timeout = 0.05 })))
      assert(Socket.getaddrinfo("127.0.0.1", 80, { timeout = 0 }))
    ]]
  end)

  it("is ended by Ctrl-C when it has no deadline", function()
    run [[
      local killer <close> = io.popen("until grep -q ') S ' /proc/$PPID/stat; "
        .. "do :; done; kill -INT $PPID")
      local ok, err = pcall(Socket.getaddrinfo, "never.test", 80)
      assert(not ok and err:find("interrupted!", 1, true), err)
    ]]
  end)

  it("is not ready, until it is closed", function()
    run [[
      local before = lowest_fd()
      local lookup = assert(native.resolver.start("never.test", 80))
      local fds, events = { lookup:wanted() }, { native.wait.READABLE }
      assert(native.wait.poll(fds, events, 0.02)[1] == 0)
      assert(select(2, lookup:result()) == Socket.WAIT_READABLE)
      lookup:close()
      assert(lowest_fd() == before)
    ]]
  end)

  it("of IPv6 addresses does not keep Socket.tcp from IPv4 ones", function()
    run [[
      local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
      local port = server:addr()[2]
      local before = lowest_fd()
      for _, open in ipairs { Socket.tcp, Socket.TCPSocket.new } do
        local sock <close> = assert(open("half.test", port))
        assert(sock:remote_address():ip_address() == "127.0.0.1")
        sock:close()
        assert(lowest_fd() == before)
      end
      for _, name in ipairs { "resolv_timeout", "open_timeout" } do
        check(select(2, Socket.tcp("never.test", port, { [name] = 0.02 })))
        check(select(2, Socket.tcp("never.test", port,
          { [name] = 0.02, fast_fallback = false })))
      end
      assert(lowest_fd() == before)
    ]]
  end)

  it("is dropped with its state", function()
    run [[
      local opts = { timeout = 0.01 }
      check(select(2, Socket.getaddrinfo("never.test", 1, opts)))
      os.exit(true, true)
    ]]
  end)
end)

describe("a look-up in a task that gets no answer", function()
  it("lets other tasks go on until its deadline", function()
    run [[
      Socket.run(function()
        local count = 0
        local ticker = Socket.schedule(function()
          while true do
            count = count + 1
            Socket.sleep(0)
          end
        end)
        local opts = { timeout = 0.02 }
        check(select(2, Socket.getaddrinfo("never.test", 80, opts)))
        assert(count > 10)
        check(select(2, Socket.with_timeout(0.01, Socket.gethostbyname,
          "never.test")))
        ticker:cancel()
      end)
    ]]
  end)

  it("can be cancelled", function()
    run [[
      local before = lowest_fd()
      Socket.run(function()
        local tasks = {}
        for i = 1, 20 do
          tasks[i] = Socket.schedule(Socket.getaddrinfo, "never.test", 80)
        end
        Socket.sleep(0.01)
        for i = 1, 20 do
          assert(tasks[i]:status() == "waiting")
          tasks[i]:cancel()
          local ok, err = tasks[i]:join()
          assert(not ok and err == Socket.CANCELED)
        end
      end)
      assert(lowest_fd() <= before + 2) -- what the scheduler itself keeps
    ]]
  end)

  it("shares one fd with all others", function()
    run [[
      Socket.run(function()
        Socket.getaddrinfo("localhost", 80)
        local before = lowest_fd()
        local list = {}
        for i = 1, 40 do
          list[i] = Socket.schedule(Socket.getaddrinfo, "never.test", 80)
        end
        list[41] = Socket.schedule(Socket.tcp, "never.test", 80)
        Socket.sleep(0)
        assert(lowest_fd() == before)
        for _, task in ipairs(list) do task:cancel() end
        assert(Socket.getaddrinfo("localhost", 80, { timeout = 10 }))
        assert(lowest_fd() == before)
      end)
    ]]
  end)

  it("is waited for beside attempts to connect", function()
    run [[
      local server <close> = assert(Socket.TCPServer.new("127.0.0.1", 0))
      local port = server:addr()[2]
      Socket.run(function()
        local list = {}
        for i = 1, 10 do
          list[i] = Socket.schedule(function()
            local sock <close> = assert(Socket.tcp("half.test", port))
            return sock:remote_address():ip_address()
          end)
        end
        for _, name in ipairs { "resolv_timeout", "open_timeout" } do
          check(select(2, Socket.tcp("never.test", port, { [name] = 0.02 })))
        end
        check(select(2, coroutine.wrap(Socket.tcp)("never.test", port,
          { open_timeout = 0.02 })))
        for _, task in ipairs(list) do
          local ok, address = task:join(10)
          assert(ok and address == "127.0.0.1", address)
        end
      end)
    ]]
  end)

  it("does not keep others from theirs", function()
    run [[
      Socket.run(function()
        local list = {}
        local never = Socket.schedule(Socket.getaddrinfo, "never.test", 80)
        for i = 1, 40 do
          list[i] = Socket.schedule(Socket.getaddrinfo, "localhost", 80)
        end
        for _, task in ipairs(list) do assert(select(2, task:join(10))) end
        assert(never:status() == "waiting")
        never:cancel()
      end)
    ]]
  end)

  it("works where Lua cannot yield", function()
    run [[
      Socket.run(function()
        local count = 0
        local ticker = Socket.schedule(function()
          while true do
            count = count + 1
            Socket.sleep(0)
          end
        end)
        local lookup = coroutine.wrap(Socket.getaddrinfo)
        check(select(2, lookup("never.test", 80, { timeout = 0.02 })))
        assert(count > 10)
        ticker:cancel()
      end)
    ]]
  end)
end)
