-- The order and the times of several attempts, without sockets or clocks.

local race = require "socket.race"

local BOTH = { "INET6", "INET" }
local EVER = math.huge

-- A race that began at 100.
local function begin(limits, families)
  return race.new(families or BOTH, 100, limits or {})
end

local function check(contest, now, ...)
  local got, expected = table.pack(contest:step(now)), table.pack(...)
  assert.equal(expected[1], got[1])
  if expected[1] == "wait" and expected[2] < EVER then
    assert.near(expected[2], got[2], 1e-9)
  else
    assert.equal(expected[2], got[2])
  end
  assert.equal(expected[3] or false, got[3] or false)
end

local function refusal(code)
  return { name = "ResolutionError", code = code }
end

describe("a race", function()
  it("waits for the look-ups", function()
    check(begin(), 100, "wait", EVER)
    check(begin { resolv_timeout = 5 }, 100, "wait", 105)
    check(begin { deadline = 103 }, 100, "wait", 103)
    check(begin { connect_timeout = 5 }, 200, "wait", EVER)
  end)

  it("tries an IPv6 address as soon as there is one", function()
    local contest = begin()
    contest:resolved("INET6", { "six" }, 101)
    check(contest, 101, "start", "six", false)
    check(contest, 101, "wait", EVER)
  end)

  it("lets an IPv4 address wait for IPv6 ones for 50 ms", function()
    local contest = begin()
    contest:resolved("INET", { "four" }, 101)
    check(contest, 101, "wait", 101.05)
    check(contest, 101.04, "wait", 101.05)
    check(contest, 101.05, "start", "four", false)
    check(contest, 101.05, "wait", EVER)
    contest:resolved("INET6", { "six" }, 101.1)
    check(contest, 101.1, "wait", 101.3)
    check(contest, 101.3, "start", "six", false)
  end)

  it("tries an IPv6 address that comes within them first", function()
    local contest = begin()
    contest:resolved("INET", { "four" }, 101)
    contest:resolved("INET6", { "six" }, 101.02)
    check(contest, 101.02, "start", "six", false)
    check(contest, 101.02, "wait", 101.27)
    check(contest, 101.27, "start", "four", false)
    check(contest, 101.27, "wait", EVER)
  end)

  it("tries an IPv4 address at once when there is no IPv6 one", function()
    local contest = begin()
    contest:resolved("INET", { "four" }, 101)
    contest:refused("INET6", refusal "EAI_NONAME")
    check(contest, 101, "start", "four", true)
    contest = begin({}, { "INET" })
    contest:resolved("INET", { "four" }, 101)
    check(contest, 101, "start", "four", true)
  end)

  it("lets the families take turns, each in its own order", function()
    local contest = begin()
    contest:resolved("INET6", { "six 1", "six 2", "six 3", "six 4" }, 101)
    contest:resolved("INET", { "four 1", "four 2" }, 101)
    local order = { "six 1", "four 1", "six 2", "four 2", "six 3", "six 4" }
    for i, address in ipairs(order) do
      local now = 101 + i * 0.25
      check(contest, now, "start", address, false)
      check(contest, now, "wait", i < #order and now + 0.25 or EVER)
    end
  end)

  it("tries the next address at once when an attempt fails", function()
    local contest = begin()
    contest:resolved("INET6", { "six" }, 101)
    contest:resolved("INET", { "four 1", "four 2" }, 101)
    check(contest, 101, "start", "six", false)
    contest:failed("six is unreachable")
    check(contest, 101, "start", "four 1", false)
    check(contest, 101.1, "wait", 101.25)
    contest:failed("four 1 refuses")
    check(contest, 101.1, "start", "four 2", true)
    contest:failed("four 2 refuses")
    check(contest, 101.1, "fail")
    assert.same({ "six is unreachable", "four 1 refuses", "four 2 refuses" },
      contest.causes)
  end)

  it("goes on while there may be more addresses", function()
    local contest = begin()
    contest:resolved("INET6", { "six" }, 101)
    check(contest, 101, "start", "six", false)
    contest:failed("six is unreachable")
    check(contest, 101, "wait", EVER)
    contest:resolved("INET", { "four" }, 107)
    check(contest, 107, "start", "four", true)
  end)

  it("fails with what the resolver said of all families", function()
    local contest = begin()
    contest:refused("INET6", refusal "EAI_AGAIN")
    check(contest, 100, "wait", EVER)
    contest:refused("INET", refusal "EAI_NONAME")
    check(contest, 100, "fail")
    assert.equal("EAI_NONAME", contest.refusal.code)
    assert.same({}, contest.causes)
  end)

  it("says rather why there is no address than of which family", function()
    for _, order in ipairs { { "INET6", "INET" }, { "INET", "INET6" } } do
      local contest = begin()
      contest:refused(order[1], refusal "EAI_AGAIN")
      contest:refused(order[2], refusal "EAI_ADDRFAMILY")
      assert.equal("EAI_AGAIN", contest.refusal.code)
      contest = begin()
      contest:refused(order[1], refusal "EAI_ADDRFAMILY")
      contest:refused(order[2], refusal "EAI_AGAIN")
      assert.equal("EAI_AGAIN", contest.refusal.code)
    end
  end)

  describe("with a resolv_timeout", function()
    it("is late when no name is found until then", function()
      local contest = begin { resolv_timeout = 2 }
      check(contest, 101.9, "wait", 102)
      check(contest, 102, "late")
    end)

    it("goes on with the addresses that it has", function()
      local contest = begin { resolv_timeout = 2 }
      contest:resolved("INET", { "four 1", "four 2" }, 101.97)
      check(contest, 101.97, "wait", 102)
      assert.is_true(contest:is_pending("INET6"))
      check(contest, 102, "start", "four 1", false)
      assert.is_false(contest:is_pending("INET6"))
      check(contest, 102.25, "start", "four 2", false)
      check(contest, 102.25, "wait", EVER)
      contest:failed("four 1 refuses")
      check(contest, 102.3, "wait", EVER)
      contest:failed("four 2 refuses")
      check(contest, 102.3, "late")
    end)

    it("hears no answer that comes later", function()
      local contest = begin { resolv_timeout = 2 }
      contest:resolved("INET", { "four" }, 101)
      check(contest, 101.5, "start", "four", false)
      check(contest, 102, "wait", EVER)
      contest:resolved("INET6", { "six" }, 102)
      check(contest, 110, "wait", EVER)
    end)
  end)

  describe("with a connect_timeout", function()
    it("is late so long after the last attempt began", function()
      local contest = begin { connect_timeout = 0.1 }
      contest:resolved("INET6", { "six 1", "six 2" }, 101)
      check(contest, 101, "start", "six 1", false)
      check(contest, 101.2, "wait", 101.25)
      check(contest, 101.25, "start", "six 2", false)
      check(contest, 101.3, "wait", EVER)
      contest:refused("INET", refusal "EAI_NONAME")
      check(contest, 101.3, "wait", 101.35)
      check(contest, 101.35, "late")
    end)

    it("gives an attempt that is alone that time", function()
      local contest = begin { connect_timeout = 3 }
      contest:resolved("INET6", { "six" }, 101)
      contest:refused("INET", refusal "EAI_NONAME")
      check(contest, 101, "start", "six", true)
      assert.near(2.5, contest:time_left(101.5), 1e-9)
    end)
  end)

  describe("with a deadline", function()
    it("is late then, whatever goes on", function()
      local contest = begin { deadline = 102 }
      contest:resolved("INET6", { "six 1", "six 2" }, 101.9)
      check(contest, 101.9, "start", "six 1", false)
      check(contest, 101.9, "wait", 102)
      check(contest, 102, "late")
    end)

    it("gives an attempt that is alone what is left", function()
      local contest = begin { deadline = 102 }
      contest:resolved("INET6", { "six" }, 101.9)
      contest:refused("INET", refusal "EAI_NONAME")
      check(contest, 101.9, "start", "six", true)
      assert.near(0.1, contest:time_left(101.9), 1e-9)
      assert.equal(0, contest:time_left(103))
      assert.is_nil(begin():time_left(103))
    end)
  end)
end)
