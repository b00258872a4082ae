-- Hosts, services and addresses, as the documentation shows them.

local Socket = require "socket"
local net = require "spec.support.net"

local LOOPBACK = "\127\0\0\1"

-- What the system's own file says, since machines differ.
local function first_word(path)
  local file = io.open(path)
  if not file then return nil end
  local line = file:read("l")
  file:close()
  return line:match("%S+")
end

describe("the name service", function()
  it("gives a host's addresses as arrays", function()
    local list = assert(Socket.getaddrinfo("127.0.0.1", "http", nil, "STREAM"))
    assert.are.same({
      { "AF_INET", 80, "127.0.0.1", "127.0.0.1", Socket.AF_INET,
        Socket.SOCK_STREAM, Socket.IPPROTO_TCP },
    }, list)
  end)

  it("gives each socket type where none is asked for", function()
    local types = {}
    for _, entry in ipairs(assert(Socket.getaddrinfo("localhost", nil))) do
      if entry[1] == "AF_INET" then
        assert.are.equal(0, entry[2])
        types[entry[6]] = entry[7]
      end
    end
    assert.are.same({
      [Socket.SOCK_STREAM] = Socket.IPPROTO_TCP,
      [Socket.SOCK_DGRAM] = Socket.IPPROTO_UDP,
      [Socket.SOCK_RAW] = 0,
    }, types)
  end)

  it("finds the host of a packed address", function()
    local name, aliases, family, address = Socket.gethostbyaddr(LOOPBACK)
    assert.are.equal("localhost", name)
    assert.is_table(aliases)
    assert.are.equal(Socket.AF_INET, family)
    assert.are.equal(LOOPBACK, address)
  end)

  it("takes the family of a packed IPv6 address", function()
    local packed = ("\0"):rep(15) .. "\1"
    local name, aliases, family, address =
      Socket.gethostbyaddr(packed, Socket.AF_INET6)
    if name then
      assert.is_table(aliases)
      assert.are.equal(Socket.AF_INET6, family)
      assert.are.equal(packed, address)
    else
      assert.are.equal("SocketError", aliases.name)
      assert.are.equal("host not found", aliases.message)
    end
  end)

  it("gives a host's name, aliases, family and addresses", function()
    local name, aliases, family, address = Socket.gethostbyname("localhost")
    assert.are.equal("localhost", name)
    assert.is_table(aliases)
    if family == Socket.AF_INET then
      assert.are.equal(LOOPBACK, address)
    else
      assert.are.equal(Socket.AF_INET6, family)
      assert.are.equal(16, #address)
    end
  end)

  it("gives the numeric host for a numeric host", function()
    local name, aliases, family, address = Socket.gethostbyname("127.0.0.1")
    assert.is_string(name)
    assert.is_table(aliases)
    assert.are.equal(Socket.AF_INET, family)
    assert.are.equal(LOOPBACK, address)
  end)

  it("gives this machine's name", function()
    local expected = first_word("/proc/sys/kernel/hostname")
    assert.are.equal(expected or Socket.gethostname(), Socket.gethostname())
    assert.is_true(#Socket.gethostname() > 0)
  end)

  it("names the host and service of an address in three forms", function()
    local packed = { Socket.getnameinfo(Socket.sockaddr_in(80, "127.0.0.1")) }
    local short = { Socket.getnameinfo({ "AF_INET", 80, "127.0.0.1" }) }
    local long = { Socket.getnameinfo({ "AF_INET", 80, "localhost",
      "127.0.0.1" }) }
    assert.are.same({ "localhost", Socket.getservbyport(80) }, packed)
    assert.are.same(packed, short)
    assert.are.same(packed, long)
  end)

  it("finds a service's port", function()
    assert.are.equal(25, Socket.getservbyname("smtp"))
    assert.are.equal(514, Socket.getservbyname("shell"))
    assert.are.equal(514, Socket.getservbyname("syslog", "udp"))
  end)

  it("finds a port's service", function()
    local web = Socket.getservbyport(80)
    assert.is_true(web == "http" or web == "www", web)
    assert.are.equal("shell", Socket.getservbyport(514, "tcp"))
    assert.are.equal("syslog", Socket.getservbyport(514, "udp"))
  end)

  it("lists this machine's addresses", function()
    local found = false
    for _, addrinfo in ipairs(assert(Socket.ip_address_list())) do
      assert.is_true(addrinfo:is_ip())
      assert.are.equal(0, addrinfo:ip_port())
      found = found or addrinfo:ip_address() == "127.0.0.1"
    end
    assert.is_true(found)
  end)

  it("tries the addresses of a host in turn", function()
    local server <close>, _, port = net.listener()
    local list = assert(Socket.getaddrinfo("localhost", port, nil, "STREAM"))
    local sock
    for _, entry in ipairs(list) do
      sock = Socket.TCPSocket.new(entry[4], entry[2])
      if sock then break end
    end
    local _ <close> = assert(sock)
    local peer <close> = assert(server:accept())
    assert.are.equal(port, peer:local_address():ip_port())
  end)

  it("gives the wildcard to who serves, the loopback to who calls", function()
    local flags = Socket.AI_PASSIVE
    local passive = Socket.getaddrinfo(nil, "http", nil, "STREAM", nil, flags)
    for _, entry in ipairs(assert(passive)) do
      assert.is_true(entry[4] == "0.0.0.0" or entry[4] == "::", entry[4])
    end
    for _, entry in ipairs(assert(Socket.getaddrinfo(nil, "http", nil,
      "STREAM"))) do
      assert.is_true(entry[4] == "127.0.0.1" or entry[4] == "::1", entry[4])
    end
  end)

  it("serves on the first address for who serves", function()
    local flags = Socket.AI_PASSIVE
    local list = Socket.getaddrinfo(nil, 0, "INET", "STREAM", nil, flags)
    local entry = assert(list)[1]
    local server <close> = assert(Socket.new(entry[5], entry[6], entry[7]))
    assert.are.equal(0,
      server:bind(Socket.pack_sockaddr_in(entry[2], entry[4])))
    assert.are.equal(0, server:listen(5))
    local client <close> = assert(Socket.new("INET", "STREAM"))
    assert.are.equal(0, client:connect(server:connect_address()))
    local peer <close> = assert(server:accept())
    assert.are.equal("127.0.0.1", peer:remote_address():ip_address())
  end)

  it("gives the canonical name where it is asked for", function()
    local list = assert(Socket.getaddrinfo("localhost", nil, nil, "STREAM", nil,
      Socket.AI_CANONNAME))
    assert.are.equal("localhost", list[1][3])
  end)

  it("reads a service in digits as its port", function()
    assert.are.equal(80, Socket.getservbyname("80"))
    assert.are.equal(80, Socket.getservbyname("0x50"))
  end)
end)
