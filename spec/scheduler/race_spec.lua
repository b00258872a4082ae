-- The race for a host's addresses, ended from outside in each of its phases:
-- by a cancel or by a with_timeout. It leaves no fd, no look-up and no task.

local Socket = require "socket"
local fds = require "spec.support.fds"
local names = require "spec.support.names"
local net = require "spec.support.net"
local no_yield = require "spec.support.no_yield"
local tasks = require "spec.support.tasks"

local NEVER = names.NEVER
local SIX, FOUR = "::1", "127.0.0.1"

if not net.has_ipv6() then
  pending("two families take IPv6, which this machine has not")
  return
end

-- Each phase: its name, and the answers of the resolver; `six` and `four` are
-- ports that do not answer, `closed` is one that refuses; then after how many
-- seconds it has come, if that takes a while.
local PHASES = {
  { "while both families are looked up", function()
    return { INET6 = NEVER, INET = NEVER }
  end },
  { "while one family is looked up and the other tried", function(ports)
    return { INET6 = { { SIX, ports.six } }, INET = NEVER }
  end },
  { "while one is looked up and the other has failed", function(ports)
    return { INET6 = NEVER, INET = { { FOUR, ports.closed } } }
  end },
  { "while one address is left", function(ports)
    return { INET6 = names.refusal "EAI_NONAME",
      INET = { { FOUR, ports.closed }, { FOUR, ports.four } } }
  end },
  { "while several addresses are tried", function(ports)
    return { INET6 = { { SIX, ports.six }, { SIX, ports.six } },
      INET = { { FOUR, ports.four }, { FOUR, ports.four } } }
  end, 0.3 },
}

-- Calls the function with a race in that phase to be started, and checks what
-- it leaves.
local function in_phase(answers, fn)
  local _, _, six, _ <close> = net.full_listener(SIX)
  local _, _, four, _ <close> = net.full_listener(FOUR)
  local closed, keeper = net.closed_port(FOUR)
  local _ <close> = keeper
  local served <close> = names.serve(answers {
    six = six, four = four, closed = closed,
  })
  local before
  tasks.run(function()
    Socket.sleep(0)
    before = fds.list()
    fn(function() return Socket.tcp("name", 1) end)
    assert.same({}, fds.since(before))
  end)
  for _, family in ipairs { "INET6", "INET" } do
    local lookup = served.lookups[family]
    assert.is_true(not lookup or lookup.is_closed)
  end
end

for _, phase in ipairs(PHASES) do
  local name, answers, seconds = table.unpack(phase)

  describe("Socket.tcp in a task, " .. name .. ",", function()
    it("can be cancelled", function()
      in_phase(answers, function(open)
        local task = tasks.waiting(open)
        Socket.sleep(seconds or 0)
        task:cancel()
        assert.same({ false, Socket.CANCELED }, { task:join() })
      end)
    end)

    it("is bounded by with_timeout", function()
      in_phase(answers, function(open)
        local sock, err = Socket.with_timeout(seconds or 0.02, open)
        assert.is_nil(sock)
        assert.is_true(err == Socket.TIMEOUT)
      end)
    end)

    it("is bounded by one that is over", function()
      in_phase(answers, function(open)
        local sock, err = Socket.with_timeout(0, open)
        assert.is_nil(sock)
        assert.is_true(err == Socket.TIMEOUT)
      end)
    end)

    it("ends with its run", function()
      in_phase(answers, function(open)
        local ok, err = pcall(Socket.run, function()
          tasks.waiting(open)
          error("enough", 0)
        end)
        assert.same({ false, "enough" }, { ok, err })
      end)
    end)

    it("is bounded where Lua cannot yield", function()
      in_phase(answers, function(open)
        for _, place in ipairs(no_yield) do
          local sock, err = Socket.with_timeout(0.001, place.enter, open)
          assert.is_nil(sock)
          assert.is_true(err == Socket.TIMEOUT)
        end
      end)
    end)

    it("can be cancelled where Lua cannot yield", function()
      in_phase(answers, function(open)
        for _, place in ipairs(no_yield) do
          local task = tasks.waiting(place.enter, open)
          task:cancel()
          assert.is_false((task:join()))
        end
      end)
    end)
  end)
end
