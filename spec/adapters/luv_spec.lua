-- luv drives this library's sockets: every waiting call, and programs.

local Socket = require "socket"
local describe_calls = require "spec.support.foreign_calls"
local describe_loops = require "spec.support.foreign_loops"
local describe_programs = require "spec.support.foreign_programs"
local fibers = require "spec.support.fibers"
local net = require "spec.support.net"
local scheduler = require "socket.adapters.luv"
local serve_by_tasks = require "spec.support.task_loop"
local uv = require "luv"

local MOST_ROUNDS = 100000

-- The first stream opens an fd that luv keeps.
uv.new_pipe(false):close()
uv.run("nowait")

-- Calls the function as a coroutine, and lets the loop run until all have
-- ended: a list of the errors that ended some, then what it returned.
local function run_noting(fn)
  local errors, results = {}, { n = 0 }
  local on_error = scheduler.on_error
  function scheduler.on_error(err) errors[#errors + 1] = err end
  Socket.set_scheduler(scheduler)
  Socket.schedule(function() results = table.pack(fn()) end)
  local rounds = 0
  while uv.run("once") and rounds < MOST_ROUNDS do
    rounds = rounds + 1
  end
  Socket.set_scheduler(nil)
  scheduler.on_error = on_error
  if rounds >= MOST_ROUNDS then errors[#errors + 1] = "it does not end" end
  return errors, table.unpack(results, 1, results.n)
end

local function without_errors(errors, ...)
  if errors[1] then error(errors[1], 0) end
  return ...
end

-- The same where there are to be no errors.
local function run(fn)
  return without_errors(run_noting(fn))
end

-- How many handles wait for something.
local function count_active()
  local count = 0
  uv.walk(function(handle)
    if handle:is_active() then count = count + 1 end
  end)
  return count
end

describe("under luv,", function()
  it("this library is the module that is loaded", function()
    assert.equal(Socket, require "socket")
    assert.equal("lua/socket/adapters/luv.lua",
      package.searchpath("socket.adapters.luv", package.path):sub(3))
  end)

  describe_calls(run)
  describe_programs(run)
  describe_loops(run, run_noting)

  it("nothing is left in the loop", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local reader = fibers.start(a.read, a, 4, { timeout = 15 })
      b:write("1234")
      fibers.join(reader)
      Socket.sleep(0.001)
    end)
    assert.equal(0, count_active())
  end)

  it("the handle of a closed socket stops", function()
    run(function()
      local a, _, _ <close> = net.pair()
      local before = count_active()
      local reader = fibers.start(a.read, a, 4)
      assert.equal(before + 1, count_active())
      a:close()
      fibers.join(reader)
      assert.equal(before, count_active())
    end)
  end)

  it("an fd may be luv's own after it was a socket's", function()
    run(function()
      local a, b, _ <close> = net.pair()
      b:write("x\n")
      fibers.join(fibers.start(a.gets, a))
      local fd = a:fileno()
      a:close()
      local pipe = uv.new_pipe(false)
      local ends = { Socket.pair("UNIX", "STREAM") }
      assert.equal(fd, ends[1]:fileno())
      assert(pipe:open(ends[1]:detach()))
      local got
      pipe:read_start(function(_, text) got = text end)
      ends[2]:write("hello")
      Socket.sleep(0.001)
      while not got do
        Socket.sleep(0)
      end
      assert.equal("hello", got)
      pipe:close()
      ends[2]:close()
    end)
  end)

  it("an error that ends a coroutine is told, with its traceback", function()
    local on_error, told = scheduler.on_error, nil
    function scheduler.on_error(...) told = table.pack(...) end
    Socket.set_scheduler(scheduler)
    local co = Socket.schedule(function() error("problem", 0) end)
    Socket.set_scheduler(nil)
    scheduler.on_error = on_error
    assert.equal("dead", coroutine.status(co))
    assert.equal("problem", told[1])
    assert.is_truthy(told[2]:find("traceback", 1, true))
  end)

  it("what a coroutine holds is closed when an error ends it", function()
    local errors, a, b = run_noting(function()
      local a, b = net.pair()
      Socket.schedule(function()
        local _ <close> = a
        Socket.sleep(0)
        error("problem", 0)
      end)
      fibers.pause()
      return a, b
    end)
    assert.same({ "problem" }, errors)
    assert.is_true(a:is_closed())
    b:close()
  end)

  it("a coroutine can be closed in its wait", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local co = Socket.schedule(a.read, a, 4)
      assert.is_true(coroutine.close(co))
      b:write("1234")
      assert.equal("1234", a:read(4))
      co = Socket.schedule(Socket.sleep, 15)
      assert.is_true(coroutine.close(co))
    end)
    assert.equal(0, count_active())
  end)

  it("a server loop that is closed in its wait accepts no more", function()
    run(function()
      local server <close> = net.listener()
      local port = server:local_address():ip_port()
      local ended = 0
      local co = Socket.schedule(Socket.accept_loop, server,
        { concurrency = 2 }, function(sock)
          local _ <close> = sock
          sock:gets()
          ended = ended + 1
        end)
      local client <close> = assert(Socket.tcp("127.0.0.1", port))
      fibers.pause()
      assert.is_true(coroutine.close(co))
      local _ <close> = assert(Socket.tcp("127.0.0.1", port))
      fibers.pause()
      assert.equal(server, server:wait_readable(5))
      client:puts("x")
      fibers.wait_until(function() return ended == 1 end)
      fibers.pause()
    end)
    assert.equal(0, count_active())
  end)

  it("a server loop in a generator has tasks", function()
    run(function()
      assert.is_true(coroutine.wrap(serve_by_tasks)())
    end)
  end)

  it("those who sleep for no time let the others go on", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local reader = fibers.start(a.gets, a)
      b:write("x\n")
      for _ = 1, 1000 do
        if reader.results then break end
        Socket.sleep(0)
      end
      assert.is_truthy(reader.results)
    end)
    assert.equal(0, count_active())
  end)

  it("one that is closed before it goes on does not", function()
    run(function()
      local co = Socket.schedule(Socket.sleep, 0)
      assert.is_true(coroutine.close(co))
      fibers.pause()
    end)
  end)

  it("the program's own coroutines wait, too", function()
    Socket.set_scheduler(scheduler)
    local a, b, _ <close> = net.pair()
    local got
    coroutine.wrap(function() got = a:gets() end)()
    b:write("x\n")
    uv.run("once")
    Socket.set_scheduler(nil)
    assert.equal("x\n", got)
  end)
end)
