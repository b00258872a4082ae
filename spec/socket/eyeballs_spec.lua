-- Socket.tcp with several addresses at a time: names are the spec's own, an
-- address without an answer is a listener whose queue is full.

local Socket = require "socket"
local connect_host = require "socket.connect_host"
local names = require "spec.support.names"
local net = require "spec.support.net"

local NEVER = names.NEVER
local SIX, FOUR = "::1", "127.0.0.1"

if not net.has_ipv6() then
  pending("two families take IPv6, which this machine has not")
  return
end

-- Each family has one address, at that port.
local function serve_both(six, four)
  return names.serve { INET6 = { { SIX, six } }, INET = { { FOUR, four } } }
end

-- Connects with sockets of its own: the result, then the families and the
-- sockets tried, in order.
local function open(opts, at)
  local families, socks = {}, {}
  local function make(domain, ...)
    local sock = assert(Socket.new(domain, ...))
    families[#families + 1] = domain == Socket.PF_INET6 and SIX or FOUR
    socks[#socks + 1] = sock
    return sock
  end
  local sock, err = connect_host.open(make, at or { host = "x", port = 1 },
    opts or {})
  return { sock = sock, err = err, families = families, socks = socks }
end

-- That all but the winner are closed, and the look-ups, too.
local function check_closed(result, served)
  for _, sock in ipairs(result.socks) do
    assert.equal(sock ~= result.sock, sock:is_closed())
  end
  for _, lookup in pairs(served.lookups) do
    assert.is_true(lookup.is_closed)
  end
end

local function check_winner(result, host, port)
  local sock <close> = assert(result.sock, result.err)
  local peer = sock:remote_address()
  assert.equal(host, peer:ip_address())
  assert.equal(port, peer:ip_port())
end

local function check_late(result)
  assert.is_nil(result.sock)
  assert.is_true(result.err == Socket.TIMEOUT)
  assert.equal("Connection timed out - user specified timeout",
    tostring(result.err))
end

-- The texts of the errors that a failure lists.
local function causes(err)
  local texts = {}
  for i, cause in ipairs(err.causes or {}) do
    texts[i] = tostring(cause)
  end
  return texts
end

describe("Socket.tcp, when both families are found,", function()
  it("connects to the IPv6 address if that answers", function()
    local _ <close>, _, six = net.listener(SIX)
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = serve_both(six, four)
    local result = open()
    check_closed(result, served)
    assert.equal(SIX, result.families[1])
    check_winner(result, SIX, six)
  end)

  it("connects to the other while that does not answer", function()
    local _, _, six, _ <close> = net.full_listener(SIX)
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = serve_both(six, four)
    local result = open()
    check_closed(result, served)
    assert.same({ SIX, FOUR }, result.families)
    check_winner(result, FOUR, four)
  end)

  it("connects to the other when that refuses", function()
    local six, keeper = net.closed_port(SIX)
    local _ <close> = keeper
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = serve_both(six, four)
    local result = open()
    check_closed(result, served)
    assert.same({ SIX, FOUR }, result.families)
    check_winner(result, FOUR, four)
  end)

  it("lets the families take turns", function()
    local six, keeper = net.closed_port(SIX)
    local _ <close> = keeper
    local four, other = net.closed_port(FOUR)
    local _ <close> = other
    local server <close>, _, port = net.listener(FOUR)
    assert.is_false(server:is_closed())
    local served <close> = names.serve {
      INET6 = { { SIX, six }, { SIX, six }, { SIX, six } },
      INET = { { FOUR, four }, { FOUR, port } },
    }
    local result = open()
    check_closed(result, served)
    assert.same({ SIX, FOUR, SIX, FOUR }, result.families)
    check_winner(result, FOUR, port)
  end)

  it("fails with the last error, which lists all", function()
    local six, keeper = net.closed_port(SIX)
    local _ <close> = keeper
    local four, other = net.closed_port(FOUR)
    local _ <close> = other
    local served <close> = serve_both(six, four)
    local result = open()
    check_closed(result, served)
    assert.is_nil(result.sock)
    assert.equal("ECONNREFUSED", result.err.name)
    assert.same({
      "Connection refused - connect(2) for [::1]:" .. six,
      "Connection refused - connect(2) for 127.0.0.1:" .. four,
    }, causes(result.err))
    assert.equal(result.err, result.err.causes[2])
  end)
end)

describe("Socket.tcp, when one family is found,", function()
  it("connects to the IPv4 address while IPv6 ones are looked up", function()
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = names.serve { INET6 = NEVER,
      INET = { { FOUR, four } } }
    local result = open()
    check_closed(result, served)
    assert.same({ FOUR }, result.families)
    check_winner(result, FOUR, four)
  end)

  it("connects to the IPv6 address while IPv4 ones are looked up", function()
    local _ <close>, _, six = net.listener(SIX)
    local served <close> = names.serve { INET6 = { { SIX, six } },
      INET = NEVER }
    local result = open()
    check_closed(result, served)
    check_winner(result, SIX, six)
  end)

  it("connects there when the resolver knows no other", function()
    for _, code in ipairs { "EAI_ADDRFAMILY", "EAI_NONAME" } do
      local _ <close>, _, four = net.listener(FOUR)
      local served <close> = names.serve { INET6 = names.refusal(code),
        INET = { { FOUR, four } } }
      local result = open()
      check_closed(result, served)
      assert.same({ FOUR }, result.families)
      check_winner(result, FOUR, four)
    end
  end)

  it("tells why that one address failed", function()
    local four, keeper = net.closed_port(FOUR)
    local _ <close> = keeper
    local served <close> = names.serve { INET6 = names.refusal "EAI_NONAME",
      INET = { { FOUR, four } } }
    local result = open()
    check_closed(result, served)
    assert.equal("Connection refused - connect(2) for 127.0.0.1:" .. four,
      tostring(result.err))
    assert.is_nil(result.err.causes)
  end)
end)

it("Socket.tcp tells what the resolver says of all families", function()
  local served <close> = names.serve { INET6 = names.refusal "EAI_NONAME",
    INET = names.refusal "EAI_ADDRFAMILY" }
  local result = open()
  check_closed(result, served)
  assert.is_nil(result.sock)
  assert.equal("EAI_NONAME", result.err.code)
end)

it("Socket.tcp goes on where a family has no sockets", function()
  local _ <close>, _, four = net.listener(FOUR)
  local served <close> = names.serve { INET6 = { { SIX, 1 } },
    INET = { { FOUR, four } } }
  local sock <close> = assert(connect_host.open(function(domain, ...)
    if domain == Socket.PF_INET6 then
      return nil, select(2, Socket.new(12345, ...))
    end
    return Socket.new(domain, ...)
  end, { host = "x", port = 1 }, {}))
  assert.equal(four, sock:remote_address():ip_port())
  assert.is_true(served.lookups.INET6.is_closed)
end)

it("Socket.tcp closes all when it ends by an error", function()
  local _, _, six, _ <close> = net.full_listener(SIX)
  local served <close> = names.serve { INET6 = { { SIX, six } }, INET = NEVER }
  local first
  local ok, err = pcall(connect_host.open, function(...)
    first = assert(Socket.new(...))
    served.lookups.INET.result = error
    served.lookups.INET.trigger:send("x", 0)
    return first
  end, { host = "x", port = 1 }, {})
  assert.is_false(ok)
  assert.equal(served.lookups.INET, err)
  assert.is_true(first:is_closed())
  assert.is_true(served.lookups.INET.is_closed)
end)

describe("Socket.tcp with a resolv_timeout", function()
  it("ends when nothing is found until then", function()
    local served <close> = names.serve { INET6 = NEVER, INET = NEVER }
    local result = open { resolv_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
  end)

  it("connects to what is found until then", function()
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = names.serve { INET6 = NEVER,
      INET = { { FOUR, four } } }
    local result = open { resolv_timeout = 0.01 }
    check_closed(result, served)
    check_winner(result, FOUR, four)
  end)
end)

describe("Socket.tcp with a connect_timeout", function()
  it("ends when no address has answered until then", function()
    local _, _, six, _ <close> = net.full_listener(SIX)
    local _, _, four, _ <close> = net.full_listener(FOUR)
    local served <close> = serve_both(six, four)
    local result = open { connect_timeout = 0.02 }
    check_closed(result, served)
    assert.same({ SIX, FOUR }, result.families)
    check_late(result)
    assert.is_nil(result.err.causes)
  end)

  it("lists what failed before", function()
    local six, keeper = net.closed_port(SIX)
    local _ <close> = keeper
    local _, _, four, _ <close> = net.full_listener(FOUR)
    local served <close> = serve_both(six, four)
    local result = open { connect_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
    assert.same({ "Connection refused - connect(2) for [::1]:" .. six,
      tostring(result.err) }, causes(result.err))
  end)
end)

describe("Socket.tcp with an open_timeout", function()
  it("ends in the look-ups", function()
    local served <close> = names.serve { INET6 = NEVER, INET = NEVER }
    local result = open { open_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
  end)

  it("ends in the attempts, however many are left", function()
    local _, _, six, _ <close> = net.full_listener(SIX)
    local served <close> = names.serve {
      INET6 = { { SIX, six }, { SIX, six }, { SIX, six } }, INET = NEVER,
    }
    local result = open { open_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
    assert.same({ SIX }, result.families)
  end)

  it("ends in an attempt that is alone", function()
    local _, _, six, _ <close> = net.full_listener(SIX)
    local served <close> = names.serve { INET6 = { { SIX, six } },
      INET = names.refusal "EAI_NONAME" }
    local result = open { open_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
  end)

  it("does not begin without time", function()
    local served <close> = names.serve { INET6 = NEVER, INET = NEVER }
    local result = open { open_timeout = 0 }
    check_closed(result, served)
    check_late(result)
    assert.same({}, result.families)
  end)
end)

describe("Socket.tcp with a local address", function()
  local at = { host = "x", port = 1, local_host = "here", local_port = 0 }

  it("looks up its family alone", function()
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = names.serve { here = { { "127.0.0.2", 0 } },
      INET = { { FOUR, four } } }
    local result = open({}, at)
    check_closed(result, served)
    assert.equal("127.0.0.2", result.sock:local_address():ip_address())
    check_winner(result, FOUR, four)
  end)

  it("binds the first one of each family", function()
    local six, keeper = net.closed_port(SIX)
    local _ <close> = keeper
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = names.serve {
      here = { { "127.0.0.2", 0 }, { SIX, 0 }, { "127.0.0.3", 0 } },
      INET6 = { { SIX, six } }, INET = { { FOUR, four } },
    }
    local result = open({}, at)
    check_closed(result, served)
    assert.same({ SIX, FOUR }, result.families)
    assert.equal("127.0.0.2", result.sock:local_address():ip_address())
    check_winner(result, FOUR, four)
  end)

  it("goes on where that cannot be bound", function()
    local _ <close>, _, four = net.listener(FOUR)
    local served <close> = names.serve {
      here = { { "2001:db8::1", 0 }, { FOUR, 0 } },
      INET6 = { { SIX, four } }, INET = { { FOUR, four } },
    }
    local result = open({}, at)
    check_closed(result, served)
    assert.same({ SIX, FOUR }, result.families)
    check_winner(result, FOUR, four)
  end)
end)

describe("Socket.tcp without the fast fallback", function()
  it("tries one address after the other, as they were found", function()
    local four, keeper = net.closed_port(FOUR)
    local _ <close> = keeper
    local _ <close>, _, six = net.listener(SIX)
    local served <close> = names.serve { all = { { FOUR, four }, { FOUR, four },
      { SIX, six } } }
    local result = open { fast_fallback = false }
    check_closed(result, served)
    assert.same({ FOUR, FOUR, SIX }, result.families)
    check_winner(result, SIX, six)
  end)

  it("gives each its connect_timeout", function()
    local _, _, six, _ <close> = net.full_listener(SIX)
    local _, _, four, _ <close> = net.full_listener(FOUR)
    local served <close> = names.serve {
      all = { { SIX, six }, { FOUR, four } },
    }
    local result = open { fast_fallback = false, connect_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
    assert.same({ SIX, FOUR }, result.families)
    assert.equal(2, #result.err.causes)
  end)

  it("ends past the open_timeout", function()
    local _, _, six, _ <close> = net.full_listener(SIX)
    local served <close> = names.serve { all = { { SIX, six }, { SIX, six } } }
    local result = open { fast_fallback = false, open_timeout = 0.02 }
    check_closed(result, served)
    check_late(result)
    assert.same({ SIX }, result.families)
  end)

  it("is what numeric hosts and this machine get", function()
    local _ <close>, _, port = net.listener(FOUR)
    local served <close> = names.serve { all = { { FOUR, port } } }
    for _, host in ipairs { FOUR, "127.1", "::1", "fe80::1%lo", 2130706433,
      "localhost" } do
      check_winner(open({}, { host = host, port = 1 }), FOUR, port)
    end
    assert.equal(6, #served.asked)
  end)

  it("needs a local address of the same family", function()
    local served <close> = names.serve { here = { { SIX, 0 } },
      all = { { FOUR, 1 } } }
    local result = open({ fast_fallback = false },
      { host = "x", port = 1, local_host = "here" })
    check_closed(result, served)
    assert.equal("no appropriate local address", tostring(result.err))
    assert.same({ "here", "x" }, served.asked)
  end)

  it("is what set_tcp_fast_fallback(false) gives", function()
    local _ <close>, _, port = net.listener(FOUR)
    local served <close> = names.serve { all = { { FOUR, port } },
      INET6 = NEVER, INET = { { FOUR, port } } }
    assert.is_true(Socket.set_tcp_fast_fallback(false))
    local first <close> = Socket.tcp("x", port)
    local second <close> = Socket.TCPSocket.new("x", port)
    local third <close> = Socket.tcp("x", port, { fast_fallback = true })
    assert.is_true(Socket.set_tcp_fast_fallback(true))
    assert.is_truthy(first and second and third)
    assert.same({ "x", "x" }, served.asked)
    local fourth <close> = Socket.tcp("x", port)
    local fifth <close> = Socket.TCPSocket.new("x", port)
    assert.is_truthy(fourth and fifth)
    assert.same({ "x", "x" }, served.asked)
  end)
end)

it("TCPSocket.new names the host, and lists what it tried", function()
  local six, keeper = net.closed_port(SIX)
  local _ <close> = keeper
  local four, other = net.closed_port(FOUR)
  local _ <close> = other
  local _ <close> = serve_both(six, four)
  local sock, err = Socket.TCPSocket.new("name", 1)
  assert.is_nil(sock)
  assert.equal('Connection refused - connect(2) for "name" port 1',
    tostring(err))
  assert.same({
    "Connection refused - connect(2) for [::1]:" .. six,
    "Connection refused - connect(2) for 127.0.0.1:" .. four,
  }, causes(err))
end)

it("Socket.tcp has closed the losers when its function begins", function()
  local _, _, six, _ <close> = net.full_listener(SIX)
  local _ <close>, _, four = net.listener(FOUR)
  local served <close> = serve_both(six, four)
  assert.equal("done", Socket.tcp("name", 1, function(sock)
    assert.equal(four, sock:remote_address():ip_port())
    assert.is_true(served.lookups.INET6.is_closed)
    return "done"
  end))
end)

it("Socket.tcp finds this machine by its name", function()
  local server <close>, _, port = net.listener(FOUR)
  local client <close> = assert(Socket.tcp("localhost", port,
    { open_timeout = 10 }))
  local accepted <close> = assert(server:accept())
  assert.equal(port, client:remote_address():ip_port())
  assert.is_truthy(accepted)
end)
