-- Which method of a scheduler is asked, when, and what its answers mean.

local Socket = require "socket"
local failures = require "spec.support.failures"
local fake_loop = require "spec.support.fake_loop"
local fibers = require "spec.support.fibers"
local net = require "spec.support.net"
local no_yield = require "spec.support.no_yield"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout

-- A loop whose method is the function.
local function loop_with(name, fn)
  local loop = fake_loop.new()
  loop[name] = fn
  return loop
end

local function none() end

-- Where Lua can yield, if only to the user of the generator: it is up to the
-- loop to know its own coroutines.
local function is_generator(place)
  return place.name:find "generator" or place.name == "an iterator of for"
end

describe("Socket.set_scheduler", function()
  it("gives the scheduler, as Socket.scheduler does", function()
    local loop = fake_loop.new()
    assert.equal(loop, Socket.set_scheduler(loop))
    assert.equal(loop, Socket.scheduler())
    assert.is_nil(Socket.set_scheduler(nil))
    assert.is_nil(Socket.scheduler())
  end)

  it("refuses what lacks a method", function()
    local methods = { block = none, unblock = none, kernel_sleep = none }
    assert.has_error(function() Socket.set_scheduler(methods) end,
      "bad argument #1 to 'set_scheduler' " ..
      "(the scheduler has no method 'io_wait')")
    assert.has_error(function() Socket.set_scheduler("cqueues") end,
      "bad argument #1 to 'set_scheduler' (scheduler expected, got string)")
    assert.is_nil(Socket.scheduler())
  end)

  it("leaves the tasks of Socket.run alone", function()
    local loop = fake_loop.new()
    Socket.set_scheduler(loop)
    local text = Socket.run(function()
      local a, b, _ <close> = net.pair()
      local task = Socket.schedule(function() return a:gets() end)
      Socket.sleep(0.001)
      b:write("x\n")
      return select(2, task:join())
    end)
    Socket.set_scheduler(nil)
    assert.equal("x\n", text)
    assert.same({}, loop.asked)
  end)

  it("lets calls block outside a coroutine", function()
    local loop = fake_loop.new()
    Socket.set_scheduler(loop)
    local a, b, _ <close> = net.pair()
    local value, err = a:recv(1, 0, { timeout = 0.001 })
    b:write("x")
    local text = a:recv(1)
    Socket.sleep(0.001)
    Socket.set_scheduler(nil)
    is_timeout(value, err)
    assert.equal("x", text)
    assert.same({}, loop.asked)
  end)
end)

describe("io_wait", function()
  it("is not asked for what is there", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, b, _ <close> = net.pair()
      b:write("x")
      assert.equal("x", a:recv(1))
    end)
    assert.same({}, loop.asked)
  end)

  it("is given the socket, the events and the seconds", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, _, _ <close> = net.pair()
      is_timeout(a:recv(1, 0, { timeout = 0.005 }))
      local last = loop.last.io_wait
      assert.equal(a, last[1])
      assert.equal(Socket.READABLE, last[2])
      assert.is_true(last[3] > 0 and last[3] <= 0.005)
      assert.same({ "io_wait" }, loop.asked)
    end)
  end)

  it("has no end without a timeout", function()
    local asked = {}
    local loop = loop_with("io_wait", function(_, ...)
      asked = table.pack(...)
      asked[1]:close()
    end)
    loop:run(function()
      local a = net.pair()
      is_closed(a:recv(1))
    end)
    assert.is_nil(asked[3])
  end)

  it("takes the earlier end of with_timeout", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, _, _ <close> = net.pair()
      is_timeout(Socket.with_timeout(0.005, a.recv, a, 1, 0, { timeout = 9 }))
      assert.is_true(loop.last.io_wait[3] <= 0.005)
    end)
  end)

  it("may give true, or come back too early", function()
    local count = 0
    local b
    local loop = loop_with("io_wait", function()
      count = count + 1
      if count == 5 then b:write("x") end
      return true
    end)
    loop:run(function()
      local a, c, _ <close> = net.pair()
      b = c
      assert.equal("x", a:recv(1))
      assert.equal(5, count)
    end)
  end)

  it("is late without a true value", function()
    local loop = loop_with("io_wait", function() return false end)
    loop:run(function()
      local a, _, _ <close> = net.pair()
      is_timeout(a:recv(1, 0, { timeout = 15 }))
    end)
  end)

  it("raises its error out of the call, which can be repeated", function()
    local problem = {}
    local loop = loop_with("io_wait", function() error(problem) end)
    loop:run(function()
      local a, b, _ <close> = net.pair()
      for _ = 1, 3 do
        local ok, err = pcall(a.read, a, 5)
        assert.is_false(ok)
        assert.equal(problem, err)
        b:write("x")
      end
      b:write("yz")
      assert.equal("xxxyz", a:read(5))
    end)
  end)

  it("is told what was sent and what was not", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, b, _ <close> = net.pair()
      local data = ("x"):rep(1 << 20)
      local ok, err = a:write(data, { timeout = 0.005 })
      is_timeout(ok, err)
      assert.equal(Socket.WRITABLE, loop.last.io_wait[2])
      assert.equal(#data, err.written + #err.rest)
      assert.equal(err.written, #b:read(err.written))
    end)
  end)

  it("may call the library, which blocks then", function()
    local loop = loop_with("io_wait", function(_, sock, events, timeout)
      return sock:wait(events, timeout)
    end)
    loop:run(function()
      local a, b, _ <close> = net.pair()
      is_timeout(a:recv(1, 0, { timeout = 0.005 }))
      b:write("x")
      assert.equal("x", a:recv(1, 0, { timeout = 9 }))
    end)
  end)

  it("is asked to wait for a look-up", function()
    local loop = fake_loop.new()
    loop:run(function()
      local list = assert(Socket.Addrinfo.getaddrinfo("localhost", "http"))
      assert.equal(80, list[1]:ip_port())
      for _, name in ipairs(loop.asked) do
        assert.equal("io_wait", name)
        assert.equal("function", type(loop.last.io_wait[1].fileno))
      end
    end)
  end)

  local function it_blocks(place)
    it("is not asked in " .. place.name .. ", where the call blocks", function()
      local loop = fake_loop.new()
      loop:run(function()
        local a, b, _ <close> = net.pair()
        b:write("x")
        assert.equal("x", place.enter(function() return a:recv(1) end))
        is_timeout(place.enter(function()
          return a:recv(1, 0, { timeout = 0.001 })
        end))
      end)
      assert.same({}, loop.asked)
    end)
  end

  for _, place in ipairs(no_yield) do
    if not is_generator(place) then it_blocks(place) end
  end
end)

describe("io_select", function()
  it("is asked by Socket.select", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, b, _ <close> = net.pair()
      b:write("x")
      local r, w, e = Socket.select({ a }, { a, b }, { b }, 9)
      assert.same({ { a }, { a, b }, {} }, { r, w, e })
      assert.same({ "io_select" }, loop.asked)
      local last = loop.last.io_select
      assert.same({ { a }, { a, b }, { b } }, { last[1], last[2], last[3] })
      assert.is_true(last[4] > 8 and last[4] <= 9)
    end)
  end)

  it("waits", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, b, _ <close> = net.pair()
      local fiber = fibers.start(Socket.select, { a })
      fibers.pause()
      assert.is_nil(fiber.results)
      b:write("x")
      assert.same({ { a }, {}, {} }, { fibers.join(fiber) })
    end)
  end)

  it("is late", function()
    fake_loop.new():run(function()
      local a, _, _ <close> = net.pair()
      is_timeout(Socket.select({ a }, nil, nil, 0.005))
      is_timeout(Socket.with_timeout(0.005, Socket.select, { a }))
    end)
  end)

  it("is not asked for a look, nor for what is buffered", function()
    local loop = fake_loop.new()
    loop:run(function()
      local a, b, _ <close> = net.pair()
      is_timeout(Socket.select({ a }, nil, nil, 0))
      b:write("x\ny")
      a:gets()
      assert.same({ { a }, {}, {} }, { Socket.select({ a }) })
    end)
    assert.same({}, loop.asked)
  end)

  it("is believed", function()
    local loop = loop_with("io_select", function(_, r, w)
      return { r[2] }, w, {}
    end)
    loop:run(function()
      local a, b, _ <close> = net.pair()
      assert.same({ { b }, {}, {} }, { Socket.select({ a, b }) })
    end)
  end)

  it("ends when one of the sockets is closed", function()
    fake_loop.new():run(function()
      local a, b, _ <close> = net.pair()
      local fiber = fibers.start(Socket.select, { a, b })
      b:close()
      is_closed(fibers.join(fiber))
    end)
  end)

  it("raises its error out of the call", function()
    local loop = loop_with("io_select", function() error("problem", 0) end)
    loop:run(function()
      local a, _, _ <close> = net.pair()
      assert.has_error(function() Socket.select({ a }) end, "problem")
    end)
  end)

  it("need not be there", function()
    local loop = loop_with("io_select", false)
    loop:run(function()
      local a, b, _ <close> = net.pair()
      is_timeout(Socket.select({ a }, nil, nil, 0.001))
      b:write("x")
      assert.same({ { a }, {}, {} }, { Socket.select({ a }) })
    end)
  end)
end)

describe("kernel_sleep", function()
  it("lets time pass", function()
    local loop = fake_loop.new()
    loop:run(function()
      assert.is_true(Socket.sleep(0.005))
      assert.is_true(Socket.sleep(0))
    end)
    assert.same({ "kernel_sleep", "kernel_sleep" }, loop.asked)
    assert.equal(0, loop.last.kernel_sleep[1])
  end)

  it("is bounded by with_timeout", function()
    local loop = fake_loop.new()
    loop:run(function()
      is_timeout(Socket.with_timeout(0.005, Socket.sleep, 9))
      assert.is_true(loop.last.kernel_sleep[1] <= 0.005)
    end)
  end)

  it("is given nil for ever", function()
    local seconds = 1
    local loop = loop_with("kernel_sleep", function(_, s) seconds = s end)
    loop:run(function() Socket.sleep(math.huge) end)
    assert.is_nil(seconds)
  end)

  it("raises its error out of the call", function()
    local loop = loop_with("kernel_sleep", function() error("problem", 0) end)
    loop:run(function()
      assert.has_error(function() Socket.sleep(1) end, "problem")
    end)
  end)
end)

describe("fiber", function()
  it("is asked by Socket.schedule", function()
    local loop = fake_loop.new()
    loop:run(function()
      local got
      local function fn(...) got = table.pack(...) end
      local co = Socket.schedule(fn, 1, nil)
      assert.equal("thread", type(co))
      assert.same({ 1, nil, n = 2 }, got)
    end)
  end)

  it("is asked outside a coroutine, too", function()
    local loop = fake_loop.new()
    Socket.set_scheduler(loop)
    local got
    Socket.schedule(function() got = Socket.sleep(0) end)
    assert.same({ "kernel_sleep" }, loop.asked)
    loop:step()
    loop:step()
    Socket.set_scheduler(nil)
    assert.is_true(got)
  end)

  it("raises its error", function()
    local loop = loop_with("fiber", function() error("problem", 0) end)
    Socket.set_scheduler(loop)
    local ok, err = pcall(Socket.schedule, none)
    Socket.set_scheduler(nil)
    assert.same({ false, "problem" }, { ok, err })
  end)

  it("raises its error out of a server loop with concurrency", function()
    local loop = loop_with("fiber", function() error("problem", 0) end)
    local server <close> = net.listener()
    Socket.set_scheduler(loop)
    local ok, err = pcall(coroutine.wrap(function()
      Socket.accept_loop(server, { concurrency = 2 }, none)
    end))
    Socket.set_scheduler(nil)
    assert.same({ false, "problem" }, { ok, err })
    assert.same({}, loop.asked)
  end)

  it("is not asked by such a loop where can_wait says no", function()
    local loop = loop_with("can_wait", function() return false end)
    loop:run(function()
      local server <close> = net.listener()
      local port = server:local_address():ip_port()
      local client <close> = assert(Socket.tcp("127.0.0.1", port))
      loop.asked = {}
      assert.is_true(Socket.accept_loop(server, { concurrency = 2 },
        function(sock)
          local _ <close> = sock
          client:puts("x")
          assert.equal("x\n", sock:gets())
          return Socket.BREAK
        end))
    end)
    assert.same({}, loop.asked)
  end)
end)
