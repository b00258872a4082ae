local Socket = require "socket"
local failures = require "spec.support.failures"

local message_of = failures.message_of
local Option = Socket.Option

local function check_failed(name, errno, ok, err, number)
  assert.is_nil(ok)
  assert.equal(name, err.name)
  assert.equal(errno, number)
end

describe("setsockopt", function()
  it("takes an integer, a boolean and bytes", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    for _, value in ipairs { 1, true, ("i4"):pack(1), 1.0 } do
      assert.equal(0, sock:setsockopt("SOCKET", "KEEPALIVE", false))
      assert.is_false(sock:getsockopt("SOCKET", "KEEPALIVE"):bool())
      assert.equal(0, sock:setsockopt("SOCKET", "KEEPALIVE", value))
      assert.is_true(sock:getsockopt("SOCKET", "KEEPALIVE"):bool())
    end
  end)

  it("takes an option alone", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    assert.equal(0, sock:setsockopt(Option.linger(true, 7)))
    assert.same({ true, 7 }, { sock:getsockopt("SOCKET", "LINGER"):linger() })
    assert.equal(0, sock:setsockopt(Option.linger(false, 0)))
    assert.is_false((sock:getsockopt("SOCKET", "LINGER"):linger()))
  end)

  it("takes names in any case, with or without prefix, and numbers", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    for _, names in ipairs {
      { "tcp", "nodelay" },
      { "TCP", "TCP_NODELAY" },
      { "IPPROTO_TCP", "NODELAY" },
      { Socket.IPPROTO_TCP, Socket.TCP_NODELAY },
      { 6, "tcp_nodelay" },
    } do
      assert.equal(0, sock:setsockopt("TCP", "NODELAY", false))
      assert.equal(0, sock:setsockopt(names[1], names[2], true))
      assert.equal(1, sock:getsockopt(names[1], names[2]):int())
    end
  end)

  it("keeps the bytes of a longer value", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local name = sock:getsockopt("TCP", "CONGESTION"):data():match("^%w+")
    assert.equal(0, sock:setsockopt("TCP", "CONGESTION", name))
    assert.equal(name, sock:getsockopt("TCP", "CONGESTION"):unpack("z"))
  end)

  it("returns the system's refusal", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local E = Socket.Errno
    check_failed("ENOPROTOOPT", E.ENOPROTOOPT, sock:setsockopt(9999, 1, 1))
    check_failed("ENOPROTOOPT", E.ENOPROTOOPT,
      sock:setsockopt("SOCKET", "TYPE", 1))
    check_failed("EINVAL", E.EINVAL, sock:setsockopt("SOCKET", "KEEPALIVE", ""))
    local _, err = sock:setsockopt("SOCKET", "REUSEADDR", "x")
    assert.equal("Invalid argument - setsockopt(2)", tostring(err))
    assert.equal("setsockopt(2)", err.syscall)
  end)

  it("knows the internet's levels on its sockets alone", function()
    local sock <close> = assert(Socket.new("UNIX", "STREAM"))
    assert.matches("unknown protocol level: TCP",
      message_of(sock.setsockopt, sock, "TCP", "NODELAY", 1))
    assert.matches("unknown option name at level 6: NODELAY",
      message_of(sock.setsockopt, sock, 6, "NODELAY", 1))
    check_failed("EOPNOTSUPP", Socket.Errno.EOPNOTSUPP,
      sock:setsockopt(6, 1, 1))
  end)

  it("names the argument that is wrong", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local function set(...)
      sock:setsockopt(...) -- no tail call, which would hide the method
    end
    local function refusal(...)
      return message_of(set, ...)
    end
    assert.matches("unknown protocol level: FOO", refusal("FOO", "BAR", 1))
    assert.matches("unknown socket level option name: BAR",
      refusal("SOCKET", "BAR", 1))
    assert.matches("unknown IP level option name: BAR", refusal("IP", "BAR", 1))
    local expected = "string, integer or boolean expected, got "
    assert.matches(expected .. "nil", refusal("SOCKET", "REUSEADDR", nil))
    assert.matches(expected .. "no value", refusal("SOCKET", "REUSEADDR"))
    assert.matches(expected .. "table", refusal("SOCKET", "REUSEADDR", {}))
    assert.matches("no integer", refusal("SOCKET", "REUSEADDR", 1.5))
    assert.matches("1099511627776", refusal("SOCKET", "REUSEADDR", 1 << 40))
    assert.matches("too long",
      refusal("SOCKET", "REUSEADDR", ("x"):rep(1 << 16)))
    assert.matches("bad argument #1 to 'setsockopt'", refusal())
    assert.matches("bad argument #1 to 'setsockopt'", refusal({}, 1, 1))
    assert.matches("bad argument #3 to 'setsockopt'", refusal(1, 1, {}))
    assert.has_error(function() sock.setsockopt({}, 1, 1, 1) end)
  end)

  it("on a closed socket says so", function()
    local sock = assert(Socket.new("INET", "STREAM"))
    sock:close()
    check_failed("IOError", nil, sock:setsockopt("SOCKET", "REUSEADDR", 1))
    check_failed("IOError", nil, sock:setsockopt(Option.linger(true, 0)))
  end)
end)

describe("getsockopt", function()
  it("gives an option with the socket's family", function()
    local sock <close> = assert(Socket.new("INET", "DGRAM"))
    local option = sock:getsockopt("SOCKET", "TYPE")
    assert.equal(Socket.AF_INET, option:family())
    assert.equal(Socket.SOCK_DGRAM, option:int())
    assert.equal("#<Socket::Option: INET SOCKET TYPE SOCK_DGRAM>",
      tostring(option))
    local unix <close> = assert(Socket.new("UNIX", "STREAM"))
    assert.equal("#<Socket::Option: UNIX SOCKET ERROR Success (0)>",
      tostring(unix:getsockopt("SOCKET", "ERROR")))
  end)

  it("gives back what was set", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local option = Option.int("INET", "SOCKET", "RCVLOWAT", 9)
    assert.equal(0, sock:setsockopt(option))
    assert.equal(option, sock:getsockopt("SOCKET", "RCVLOWAT"))
  end)

  it("gives the whole of a large value", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local option = sock:getsockopt("TCP", "INFO")
    assert.is_true(#option:data() >= 104)
    assert.matches("state=CLOSED ca_state=Open", option:inspect())
  end)

  it("gives no bytes where there is no packet filter", function()
    local sock <close> = assert(Socket.new("INET", "DGRAM"))
    if not Socket.SO_GET_FILTER then pending("no packet filters here") end
    assert.equal("", sock:getsockopt("SOCKET", "GET_FILTER"):data())
  end)

  it("returns the system's refusal", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    check_failed("ENOPROTOOPT", Socket.Errno.ENOPROTOOPT,
      sock:getsockopt("SOCKET", 9999))
    local _, err = sock:getsockopt(9999, 1)
    assert.equal("Operation not supported - getsockopt(2)", tostring(err))
  end)

  it("names the argument that is wrong", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    assert.matches("unknown IPv6 level option name: BAR",
      message_of(sock.getsockopt, sock, "IPV6", "BAR"))
    assert.matches("unknown protocol level: sol",
      message_of(sock.getsockopt, sock, "sol", 1))
    assert.has_error(function() sock:getsockopt("SOCKET") end)
    assert.has_error(function() sock:getsockopt() end)
  end)

  it("on a closed socket says so", function()
    local sock = assert(Socket.new("INET", "STREAM"))
    sock:close()
    check_failed("IOError", nil, sock:getsockopt("SOCKET", "REUSEADDR"))
  end)
end)

describe("ipv6only", function()
  it("refuses IPv4 on an IPv6 socket", function()
    local sock <close> = Socket.new("INET6", "STREAM")
    if not sock then pending("no IPv6 here") end
    assert.equal(0, sock:ipv6only())
    assert.is_true(sock:getsockopt("IPV6", "V6ONLY"):bool())
  end)

  it("is refused on an IPv4 socket", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local ok, err = sock:ipv6only()
    assert.is_nil(ok)
    assert.equal("Protocol not available - setsockopt(2)", tostring(err))
  end)

  it("on a closed socket says so", function()
    local sock = assert(Socket.new("INET", "STREAM"))
    sock:close()
    check_failed("IOError", nil, sock:ipv6only())
  end)
end)
