-- Several coroutines of another event loop that use one socket: whole calls are
-- served in their order, by `block` and `unblock`.

local Socket = require "socket"
local failures = require "spec.support.failures"
local fake_loop = require "spec.support.fake_loop"
local fibers = require "spec.support.fibers"
local net = require "spec.support.net"

local is_closed, is_timeout = failures.is_closed, failures.is_timeout

local function with_pair(fn)
  local loop = fake_loop.new()
  loop:run(function()
    local a, b, _ <close> = net.pair()
    fn(a, b, loop)
  end)
  return loop
end

-- A coroutine that can be closed in its wait.
local function start_to_close(fn, ...)
  return Socket.schedule(fn, ...)
end

describe("calls of several coroutines on one socket", function()
  it("are served in their order", function()
    with_pair(function(a, b)
      local list = {}
      for i = 1, 5 do
        list[i] = fibers.start(a.read, a, 4)
      end
      for i = 1, 5 do
        b:write(("%d"):format(i):rep(2))
        fibers.pause()
        b:write(("%d"):format(i):rep(2))
      end
      for i = 1, 5 do
        assert.equal(("%d"):format(i):rep(4), fibers.join(list[i]))
      end
    end)
  end)

  it("do not mix what they write", function()
    with_pair(function(a, b)
      local size = 1 << 19
      local writers = {}
      for i = 1, 3 do
        writers[i] = fibers.start(a.write, a, ("%d"):format(i):rep(size))
      end
      for i = 1, 3 do
        local text = assert(b:read(size))
        assert.is_true(text == ("%d"):format(i):rep(size))
        assert.equal(size, fibers.join(writers[i]))
      end
    end)
  end)

  it("wait by block, with their seconds", function()
    local loop = with_pair(function(a, _, loop)
      local first = fibers.start(a.read, a, 4)
      is_timeout(a:read(4, { timeout = 0.005 }))
      assert.is_true(loop.last.block[2] <= 0.005)
      a:close()
      is_closed(fibers.join(first))
    end)
    assert.equal("thread", type(loop.last.unblock[2]))
  end)

  it("go on when the one before fails", function()
    with_pair(function(a, b)
      local first = fibers.start(a.read, a, 4, { timeout = 0.005 })
      local second = fibers.start(a.read, a, 4)
      is_timeout(fibers.join(first))
      b:write("1234")
      assert.equal("1234", fibers.join(second))
    end)
  end)

  it("go on when the one before is closed", function()
    with_pair(function(a, b, loop)
      local first = start_to_close(a.read, a, 4)
      local second = fibers.start(a.read, a, 4)
      local third = fibers.start(a.read, a, 4)
      fibers.pause()
      loop:forget(first)
      assert.is_true(coroutine.close(first))
      b:write("12345678")
      assert.equal("1234", fibers.join(second))
      assert.equal("5678", fibers.join(third))
    end)
  end)

  it("go on when one between them is closed, or late", function()
    with_pair(function(a, b, loop)
      local first = fibers.start(a.read, a, 4)
      local second = start_to_close(a.read, a, 4)
      local third = fibers.start(a.read, a, 4, { timeout = 0.002 })
      local fourth = fibers.start(a.read, a, 4)
      loop:forget(second)
      coroutine.close(second)
      is_timeout(fibers.join(third))
      b:write("12345678")
      assert.equal("1234", fibers.join(first))
      assert.equal("5678", fibers.join(fourth))
    end)
  end)

  it("all fail when the socket is closed", function()
    with_pair(function(a)
      local list = {}
      for i = 1, 4 do
        list[i] = fibers.start(a.read, a, 4, { timeout = 15 })
      end
      a:close()
      for i = 1, 4 do
        is_closed(fibers.join(list[i]))
      end
    end)
  end)

  it("end when the socket is detached", function()
    with_pair(function(a)
      local first = fibers.start(a.read, a, 4)
      local second = fibers.start(a.read, a, 4)
      local other <close> = Socket.for_fd(a:detach())
      is_closed(fibers.join(first))
      is_closed(fibers.join(second))
      assert.is_false(other:is_closed())
    end)
  end)

  it("take turns with those that follow", function()
    with_pair(function(a, b)
      local order = {}
      local function reader(name)
        for _ = 1, 3 do
          a:read(2)
          order[#order + 1] = name
        end
      end
      local first, second = fibers.start(reader, 1), fibers.start(reader, 2)
      for _ = 1, 6 do
        b:write("x")
        fibers.pause()
        b:write("x")
        fibers.pause()
      end
      fibers.join(first)
      fibers.join(second)
      assert.same({ 1, 2, 1, 2, 1, 2 }, order)
    end)
  end)

  it("go on when the coroutine before was dropped", function()
    with_pair(function(a, b, loop)
      loop:forget(start_to_close(a.read, a, 4))
      for _ = 1, 3 do
        collectgarbage()
      end
      b:write("1234")
      assert.equal("1234", a:read(4, { timeout = 5 }))
    end)
  end)

  it("leave a collected socket alone", function()
    with_pair(function(_, _, loop)
      local function drop_one()
        local c = net.pair()
        loop:forget(start_to_close(c.read, c, 4))
        loop:forget(start_to_close(c.read, c, 4))
      end
      drop_one()
      for _ = 1, 3 do
        collectgarbage()
      end
      assert.same({}, loop.errors)
    end)
  end)

  it("are no matter to a task that Socket.run starts meanwhile", function()
    with_pair(function(a, b)
      local first = fibers.start(a.read, a, 4)
      local second = fibers.start(a.read, a, 4)
      local text = Socket.run(function()
        local task = Socket.schedule(function() return a:read(2) end)
        Socket.sleep(0.001)
        b:write("ab")
        return select(2, task:join())
      end)
      assert.equal("ab", text)
      b:write("12345678")
      assert.equal("1234", fibers.join(first))
      assert.equal("5678", fibers.join(second))
    end)
  end)
end)
