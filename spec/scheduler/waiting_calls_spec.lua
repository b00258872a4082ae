-- What every waiting call does in a task, while others go on.

local Socket = require "socket"
local calls = require "spec.support.waiting_writes"
local examples = require "spec.support.call_examples"
local failures = require "spec.support.failures"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout

local function check_wait(row, s, ...)
  local ticker <close> = tasks.ticker()
  local task = tasks.waiting(row.call, s, ...)
  local count = ticker.count
  tasks.pause(5)
  assert.is_true(ticker.count > count)
  assert.equal("waiting", task:status())
  row.release(s)
  row.check(s, tasks.result(task))
end

local PLACE = {
  run = tasks.run,
  start = tasks.waiting,
  result = tasks.result,
  check_wait = check_wait,
}

local function describe_success(row)
  examples.done_at_once(row, PLACE)
  examples.done_later(row, PLACE)

  it("is done after waiting in a generator", function()
    tasks.run(function()
      local s <close> = row.open()
      check_wait({
        call = function(...) return coroutine.wrap(row.call)(...) end,
        release = row.release,
        check = row.check,
      }, s)
    end)
  end)
end

local function describe_ends(row)
  it("lets others go on until its deadline", function()
    tasks.run(function()
      local s <close> = row.open()
      local ticker <close> = tasks.ticker()
      is_timeout(row.call(s, { timeout = 0.005 }))
      assert.is_true(ticker.count > 0)
    end)
  end)

  examples.bounded(row, PLACE)
  examples.closed(row, PLACE)
  examples.ended(row, PLACE)

  it("can be cancelled", function()
    tasks.run(function()
      local s <close> = row.open()
      local task = tasks.waiting(row.call, s)
      task:cancel()
      assert.same({ false, Socket.CANCELED }, { task:join() })
      assert.is_false(s.sock:is_closed())
    end)
  end)
end

-- A failed wait leaves nothing behind that disturbs the next.
local function describe_again(row)
  it("works again after its deadline", function()
    tasks.run(function()
      local s <close> = row.open()
      is_timeout(row.call(s, { timeout = 0.002 }))
      check_wait(row, s)
    end)
  end)

  it("works again after a cancel", function()
    tasks.run(function()
      local s <close> = row.open()
      local task = tasks.waiting(row.call, s)
      task:cancel()
      check_wait(row, s)
    end)
  end)
end

for _, row in ipairs(calls) do
  describe(row.name .. " in a task", function()
    if row.release then describe_success(row) end
    describe_ends(row)
    if row.release and row.again ~= false then describe_again(row) end
  end)
end

describe("a look-up in a task", function()
  local LOOKUPS = {
    getaddrinfo = function(opts)
      return Socket.getaddrinfo("localhost", 80, nil, "STREAM", nil, nil, nil,
        opts)
    end,
    gethostbyname = function(opts)
      return Socket.gethostbyname("localhost", opts)
    end,
    getnameinfo = function(opts)
      return Socket.getnameinfo({ "INET", 80, "127.0.0.1" }, opts)
    end,
    ["Addrinfo.getaddrinfo"] = function(opts)
      return Socket.Addrinfo.getaddrinfo("localhost", 80, nil, "STREAM", nil,
        nil, opts)
    end,
  }

  for name, lookup in pairs(LOOKUPS) do
    it("gives its answer: " .. name, function()
      tasks.run(function()
        assert.is_truthy(lookup())
        assert.is_truthy(lookup(examples.LONG))
      end)
    end)

    it("is one of many: " .. name, function()
      tasks.run(function()
        local list = {}
        for i = 1, 50 do
          list[i] = Socket.schedule(lookup)
        end
        for i = 1, 50 do
          assert.is_truthy(tasks.result(list[i]))
        end
      end)
    end)

    it("works in a generator: " .. name, function()
      tasks.run(function()
        local list = {}
        for i = 1, 20 do
          list[i] = Socket.schedule(coroutine.wrap(lookup))
        end
        for i = 1, 20 do
          assert.is_truthy(tasks.result(list[i]))
        end
      end)
    end)

    it("can be cancelled: " .. name, function()
      tasks.run(function()
        for _ = 1, 10 do
          local task = Socket.schedule(lookup)
          Socket.sleep(0)
          task:cancel()
          local ok, err = task:join()
          assert.is_true(ok or err == Socket.CANCELED)
        end
        assert.is_truthy(lookup())
      end)
    end)
  end
end)

describe("Socket.tcp in a task", function()
  it("connects by name while the server runs in another", function()
    tasks.run(function()
      local server <close>, _, port = net.listener()
      local acceptor = Socket.schedule(function()
        local sock <close> = assert(server:accept())
        return sock:gets()
      end)
      local sock <close> = assert(Socket.tcp("127.0.0.1", port))
      sock:puts("hello")
      assert.equal("hello\n", tasks.result(acceptor))
    end)
  end)
end)

describe("select in a task", function()
  it("gives all that are ready", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local c, d, _ <close> = net.pair()
      local task = tasks.waiting(Socket.select, { b, d }, nil, { b })
      a:write("x")
      c:write("y")
      assert.same({ { b, d }, {}, {} }, { tasks.result(task) })
    end)
  end)

  it("ends when one of its sockets is closed", function()
    tasks.run(function()
      local _, b, _ <close> = net.pair()
      local _, d, _ <close> = net.pair()
      local task = tasks.waiting(Socket.select, { b, d })
      d:close()
      is_closed(tasks.result(task))
    end)
  end)

  it("waits for files and fd numbers, too", function()
    tasks.run(function()
      local a, b, _ <close> = net.pair()
      local pipe <close> = assert(io.popen("cat", "w"))
      assert.same({ {}, { pipe }, {} }, { Socket.select({ b }, { pipe }) })
      local task = tasks.waiting(Socket.select, { b:fileno() })
      a:write("x")
      assert.same({ { b:fileno() }, {}, {} }, { tasks.result(task) })
    end)
  end)
end)
