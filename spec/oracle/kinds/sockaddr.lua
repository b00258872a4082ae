-- Packed addresses: written, and read back, whole and malformed.

local Socket = require "socket"
local draw = require "spec.oracle.draw"

local random = math.random

local SERVICES = { "http", "ssh", "domain", "nosuchservice", "" }

local PORTS = {
  function() return random(0, 65535) end,
  function() return random(0, 65535) end,
  function() return tostring(random(0, 65535)) end,
  function() return draw.one(SERVICES) end,
  function() return nil end,
  function() return draw.integer() end,
}

-- Texts that the resolver refuses or reads by itself: no server is asked.
local ODD_HOSTS = { "", "<any>", "<broadcast>", "0", "1", "127.1", "127.0.1",
  "0x7f.1", "0177.0.0.1", "4294967295", "a..b", "1..2", "..", "::1%lo", "::",
  "::ffff:0:0", "fe80::1%lo", "fe80::1%1", "1.2.3.4\0", "\0", ("a"):rep(70) }

local HOSTS = {
  draw.ipv4,
  draw.ipv6,
  function() return draw.one(ODD_HOSTS) end,
}

local CALLS = {
  function()
    local port, host = draw.call(PORTS), draw.call(HOSTS)
    return { n = 3, "pack_sockaddr_in", port, host }
  end,
  function()
    return { "unpack_sockaddr_in", draw.sockaddr() }
  end,
  function()
    local length = draw.one { random(0, 20), random(100, 112) }
    return { "pack_sockaddr_un", draw.bytes(length) }
  end,
  function()
    return { "unpack_sockaddr_un", draw.sockaddr() }
  end,
}

return {
  draw = function()
    return draw.call(CALLS)
  end,
  perform = function(answer, name, ...)
    answer:add("value", Socket[name], ...)
  end,
}
