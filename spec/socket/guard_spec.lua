-- Closing on the way out.

local guard = require "socket.guard"

-- A resource that notes in `log` when it is closed.
local function resource(log, name)
  local object = {}
  function object.close()
    log[#log + 1] = name
  end
  return setmetatable(object, { __close = object.close })
end

describe("guard.using", function()
  it("gives the resource back without a function", function()
    local log = {}
    local given = resource(log, "a")
    assert.equal(given, guard.using(given))
    assert.same({}, log)
  end)

  it("returns what the function returns, then closes", function()
    local log = {}
    local results = table.pack(guard.using(resource(log, "a"), function()
      log[#log + 1] = "function"
      return 1, nil, 3
    end))
    assert.same({ 1, nil, 3, n = 3 }, results)
    assert.same({ "function", "a" }, log)
  end)

  it("closes and raises the error unchanged", function()
    local log, value = {}, {}
    local ok, err = pcall(guard.using, resource(log, "a"), function()
      error(value)
    end)
    assert.is_false(ok)
    assert.equal(value, err)
    assert.same({ "a" }, log)
  end)

  it("closes when its coroutine is closed", function()
    local log = {}
    local co = coroutine.create(function()
      guard.using(resource(log, "a"), coroutine.yield)
    end)
    coroutine.resume(co)
    assert.same({}, log)
    coroutine.close(co)
    assert.same({ "a" }, log)
  end)
end)

describe("guard.opened", function()
  it("hands a failure on without calling the function", function()
    local results = table.pack(guard.opened(error, nil, "err", 5))
    assert.same({ nil, "err", 5, n = 3 }, results)
  end)
end)

describe("guard.owned", function()
  it("closes what it holds, the last one first", function()
    local log = {}
    do
      local owned <close> = guard.owned(resource(log, "a"))
      owned:add(resource(log, "b"))
    end
    assert.same({ "b", "a" }, log)
  end)

  it("closes nothing that was released", function()
    local log = {}
    local a, b = resource(log, "a"), resource(log, "b")
    do
      local owned <close> = guard.owned(a, b)
      local first, second = owned:release()
      assert.equal(a, first)
      assert.equal(b, second)
    end
    assert.same({}, log)
  end)
end)

describe("guard.using_all", function()
  it("closes every resource after the function", function()
    local log = {}
    local list = { resource(log, "a"), resource(log, "b") }
    assert.equal(2, guard.using_all(list, function(given)
      assert.equal(list, given)
      return #given
    end))
    assert.same({ "b", "a" }, log)
  end)
end)
