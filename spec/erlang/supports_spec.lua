local Socket = require "socket"

-- Calls check(level, name) for each option of the checklist.
local function each_option(check)
  for line in io.lines "spec/erlang/data/erlang_options.tsv" do
    local level, name = line:match "^(%w+)\t([%w_]+)"
    if level ~= "level" then check(level, name) end
  end
end

describe("Socket.supports", function()
  it("has an entry for each option, which tells how it can be used", function()
    local options = Socket.supports "options"
    each_option(function(level, name)
      local entry = options[level][name]
      assert.is_boolean(entry.get, level .. " " .. name)
      assert.is_boolean(entry.set, level .. " " .. name)
      assert.same(entry, Socket.supports("options", level, name))
      assert.same(entry, Socket.supports("options", { level, name }))
      assert.equal(entry.get or entry.set,
        Socket.is_supported("options", level, name))
    end)
  end)

  it("tells reading from setting", function()
    assert.same({ get = true, set = true },
      Socket.supports("options", "tcp", "nodelay"))
    assert.same({ get = true, set = false },
      Socket.supports("options", "socket", "type"))
    assert.same({ get = false, set = true },
      Socket.supports("options", "ip", "add_membership"))
    assert.same({ get = false, set = false },
      Socket.supports("options", "socket", "maxdg"))
  end)

  it("says what the system answers", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    each_option(function(level, name)
      if Socket.is_supported("options", level, name) then return end
      local value, err = sock:getopt(level, name)
      assert.is_nil(value)
      assert.equal("ENOPROTOOPT", err.name)
    end)
  end)

  it("tells of features, flags and protocols", function()
    local all = Socket.supports()
    for _, name in ipairs { "ipv6", "local", "netns", "sctp", "sendfile" } do
      assert.is_boolean(all[name], name)
      assert.equal(all[name], Socket.supports(name))
      assert.equal(all[name], Socket.is_supported(name))
    end
    assert.is_true(all["local"])
    assert.is_true(all.msg_flags.peek)
    assert.is_true(all.send_flags.oob)
    assert.is_true(all.recv_flags.trunc)
    assert.is_nil(all.send_flags.peek)
    assert.is_true(all.protocols.tcp)
    assert.equal(all.sctp, all.protocols.sctp)
    assert.is_true(all.ioctl_flags.loopback)
    assert.is_true(all.ioctl_requests.nread)
    assert.is_false(all.ioctl_requests.rcvall)
    assert.is_boolean(all.ioctl_requests.gifconf)
    assert.same(all.options, Socket.supports "options")
    assert.is_true(Socket.is_supported("msg_flags", "PEEK"))
    assert.is_true(Socket.is_supported("protocols", "udp"))
    assert.is_true(Socket.is_supported("options", "tcp"))
    assert.is_true(Socket.is_supported "options")
  end)

  it("gives an empty table for what is not known", function()
    assert.same({}, Socket.supports "nosuch")
    assert.same({}, Socket.supports("options", "nosuch"))
    assert.same({}, Socket.supports("options", "tcp", "nosuch"))
    assert.same({}, Socket.supports("ipv6", "nosuch"))
    assert.is_false(Socket.is_supported "nosuch")
    assert.is_false(Socket.is_supported("options", "nosuch", "debug"))
    assert.is_false(Socket.is_supported("options", "tcp", "nosuch"))
    assert.is_false(Socket.is_supported("msg_flags", "nosuch"))
    assert.is_false(Socket.is_supported(1, 2, 3))
    assert.is_false(Socket.is_supported())
  end)
end)
