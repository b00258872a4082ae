-- A scheduler that looks up hosts by itself.

local Socket = require "socket"
local fake_loop = require "spec.support.fake_loop"
local net = require "spec.support.net"

-- Hosts and what the scheduler knows of them.
local HOSTS = {
  ["one.test"] = { "127.0.0.1" },
  ["two.test"] = { "::1", "127.0.0.1" },
  ["odd.test"] = { "not an address", 5, "127.0.0.2" },
  ["none.test"] = {},
}

-- A loop whose look-ups wait, or not.
local function resolving_loop(waits)
  local loop = fake_loop.new()
  loop.hosts = {}
  function loop:address_resolve(host)
    table.insert(self.hosts, host)
    if waits then Socket.sleep(0.001) end
    return HOSTS[host]
  end
  return loop
end

local function addresses(list)
  local texts = {}
  for i, addrinfo in ipairs(list) do
    texts[i] = addrinfo:inspect_sockaddr()
  end
  return texts
end

for name, waits in pairs { ["at once"] = false, ["after a wait"] = true } do
  describe("address_resolve that answers " .. name, function()
    local function look_up(...)
      local loop = resolving_loop(waits)
      local list, err = loop:run(function(...)
        return Socket.Addrinfo.getaddrinfo(...)
      end, ...)
      return list and addresses(list), err, loop.hosts
    end

    it("gives the addresses of a host", function()
      local list, _, hosts = look_up("one.test", 80, nil, "STREAM")
      assert.same({ "127.0.0.1:80" }, list)
      assert.same({ "one.test" }, hosts)
      assert.same({ "[::1]:80", "127.0.0.1:80" },
        look_up("two.test", "http", nil, "STREAM"))
    end)

    it("gives those of the family that is asked for", function()
      assert.same({ "127.0.0.1:80" },
        look_up("two.test", 80, "INET", "STREAM"))
    end)

    it("passes over what is no address", function()
      assert.same({ "127.0.0.2:80" }, look_up("odd.test", 80, nil, "STREAM"))
    end)

    it("may not know the host", function()
      for _, host in ipairs { "none.test", "unknown.test" } do
        local list, err = look_up(host, 80)
        assert.is_nil(list)
        assert.equal("EAI_NONAME", err.code)
      end
    end)

    it("is not asked for numbers", function()
      local list, _, hosts = look_up("127.0.0.1", 80, nil, "STREAM")
      assert.same({ "127.0.0.1:80" }, list)
      assert.same({}, hosts)
    end)

    it("finds whom to connect to", function()
      local loop = resolving_loop(waits)
      loop:run(function()
        local server <close>, _, port = net.listener()
        for _, is_fast in ipairs { true, false } do
          local sock <close> = assert(Socket.tcp("two.test", port,
            { fast_fallback = is_fast }))
          local peer <close> = assert(server:accept())
          assert(peer:is_a(Socket))
          assert.equal(port, (sock:remote_address():ip_port()))
        end
        local sock, err = Socket.tcp("none.test", port)
        assert.is_nil(sock)
        assert.equal("EAI_NONAME", err.code)
      end)
    end)
  end)
end

describe("address_resolve", function()
  it("raises its error out of the call", function()
    local loop = fake_loop.new()
    function loop.address_resolve() error("problem", 0) end
    loop:run(function()
      assert.has_error(function()
        Socket.Addrinfo.getaddrinfo("one.test", 80)
      end, "problem")
    end)
  end)
end)
