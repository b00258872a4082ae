-- Two programs, one of them Erlang's: messages with control data between them.
-- The other program is messages.escript, which prints each message as a text
-- that does not depend on the order of fields; here one is made, too.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"

local LIMIT = { timeout = 10 }

local has_erlang = os.execute "command -v escript >/dev/null"

local Erlang = {}
Erlang.__index = Erlang

-- Starts the other program in a role.
local function start(role, ...)
  local words = { "exec escript spec/oracle/messages.escript", role }
  for _, word in ipairs { ... } do
    words[#words + 1] = build.quote(tostring(word))
  end
  local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1"))
  return setmetatable({ pipe = pipe }, Erlang)
end

-- A line that it printed; nil when it has ended.
function Erlang:line()
  return self.pipe:read "l"
end

function Erlang:__close()
  self.pipe:close()
end

-- What Erlang has as bytes.
local BYTES = { data = true, iov = true }

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02X"):format(c:byte()) end))
end

local text

local function sorted(texts)
  table.sort(texts)
  return table.concat(texts, " ")
end

local function text_of_fields(value)
  local texts = {}
  for name, field in pairs(value) do
    texts[#texts + 1] = name .. "=" .. text(field, name)
  end
  return "{" .. sorted(texts) .. "}"
end

local function text_of_list(value, name)
  local texts = {}
  for i, element in ipairs(value) do
    texts[i] = text(element, name)
  end
  return "[" .. sorted(texts) .. "]"
end

function text(value, name)
  if type(value) == "string" and BYTES[name] then return hex(value) end
  if name == "error" then return value:lower() end -- names of errno
  if type(value) ~= "table" then return tostring(value) end
  if next(value) and #value == 0 then return text_of_fields(value) end
  return text_of_list(value, name)
end

local LEVELS = { inet = "ip", inet6 = "ipv6" }

local OPTIONS = {
  inet = { "recvtos", "recvttl", "pktinfo" },
  inet6 = { "recvpktinfo", "recvhoplimit", "recvtclass" },
}

local function bound(family)
  local sock = assert(Socket.new(family, "dgram"))
  assert(sock:bind { family = family, addr = "loopback", port = 0 })
  return sock
end

local function receiver(family)
  local sock = bound(family)
  for _, option in ipairs(OPTIONS[family]) do
    assert(sock:setopt(LEVELS[family], option, true))
  end
  return sock
end

local function receive(sock, flags)
  return assert(sock:recvmsg(nil, flags, nil, { msghdr = true, timeout = 10 }))
end

-- A port at which nobody is.
local function closed_port(family)
  local sock <close> = bound(family)
  return sock:sockname().port
end

local MESSAGES = {
  inet = {
    {},
    { { level = "ip", type = "ttl", value = 1 } },
    { { level = "ip", type = "ttl", data = string.pack("i", 255) } },
    { { level = "ip", type = "tos", value = "lowdelay" } },
    { { level = "ip", type = "tos", value = "throughput" } },
    { { level = "ip", type = "tos", value = "reliability" } },
    { { level = "ip", type = "tos", value = "mincost" } },
    { { level = "ip", type = "ttl", value = 3 },
      { level = "ip", type = "tos", value = "mincost" } },
    { { level = "ip", type = "pktinfo", value = { spec_dst = "127.5.6.7" } } },
  },
  inet6 = {
    {},
    { { level = "ipv6", type = "hoplimit", value = 9 } },
    { { level = "ipv6", type = "tclass", value = 12 },
      { level = "ipv6", type = "hoplevel", value = 77 } },
    { { level = "ipv6", type = "pktinfo", value = { addr = "::1" } } },
  },
}

-- `it`, where there is Erlang.
local function try(name, fn)
  if has_erlang then return it(name, fn) end
  pending(name .. ": Erlang is not installed")
end

-- Calls the function for the families that there are.
local function each_family(fn)
  net.each_family(function(_, _, domain) fn(domain:lower()) end)
end

describe("this library and Erlang", function()
  try("receive the same of what is sent here", function()
    each_family(function(family)
      local messages = MESSAGES[family]
      local erlang <close> = start("receive", family, #messages)
      local there = { family = family, addr = "loopback", port = erlang:line() }
      local own <close> = receiver(family)
      local sender <close> = bound(family)
      for _, ctrl in ipairs(messages) do
        local message = { iov = { "he", "llo" }, ctrl = ctrl, addr = there }
        assert.equal(5, sender:sendmsg(message, nil, LIMIT))
        message.addr = own:sockname()
        assert.equal(5, sender:sendmsg(message, nil, LIMIT))
        assert.equal(erlang:line(), text(receive(own)))
      end
    end)
  end)

  try("receive the same of what is sent there", function()
    each_family(function(family)
      local own <close> = receiver(family)
      local erlang <close> = start("send", family, own:sockname().port)
      local count = 0
      for line in function() return erlang:line() end do
        assert.equal(line, text(receive(own)))
        count = count + 1
      end
      assert.is_true(count >= 3)
    end)
  end)

  try("tell the same of who refused a datagram", function()
    each_family(function(family)
      local port = closed_port(family)
      local erlang <close> = start("refused", family, port)
      local sock <close> = bound(family)
      assert(sock:setopt(LEVELS[family], "recverr", true))
      assert(sock:connect { family = family, addr = "loopback", port = port })
      assert.equal(5, sock:send "hello")
      local sent, err = sock:send("again", LIMIT)
      assert.is_nil(sent)
      assert.equal("ECONNREFUSED", err.name)
      local message = receive(sock, "errqueue")
      message.addr = nil
      assert.equal(erlang:line(), text(message))
    end)
  end)

  try("pass credentials and a descriptor to Erlang", function()
    local path = net.path()
    local erlang <close> = start("descriptor_server", path)
    assert.equal("listening", erlang:line())
    local sock <close> = assert(Socket.new("local", "dgram"))
    assert(sock:connect { family = "local", path = path })
    local ours <close>, theirs = assert(Socket.pair("local", "dgram"))
    assert(theirs:setopt("socket", "passcred", true))
    assert(ours:send "who?")
    local ids = receive(theirs).ctrl[1].value
    assert(sock:sendmsg {
      iov = { "me" },
      ctrl = { { level = "socket", type = "credentials", value = ids } },
    })
    assert.equal(text(ids), erlang:line())
    assert(sock:sendmsg {
      iov = { "x" },
      ctrl = { { level = "socket", type = "rights", value = { theirs } } },
    })
    theirs:close()
    assert.equal("from Erlang", (ours:recv(LIMIT)))
  end)

  try("pass a descriptor from Erlang", function()
    local path = net.path()
    local sock <close> = assert(Socket.new("local", "dgram"))
    assert(sock:bind { family = "local", path = path })
    local erlang <close> = start("descriptor_client", path)
    local message = assert(sock:recvmsg {
      msghdr = true,
      scm_rights = true,
      timeout = 10,
    })
    local passed <close> = message.ctrl[1].value[1]
    assert.is_true(passed:is_a(Socket.UNIXSocket))
    assert.equal("from Erlang", passed:recv(11, { exact = true, timeout = 10 }))
    assert(passed:send "back")
    assert.equal(hex "back", erlang:line())
    os.remove(path .. ".own")
  end)

  try("receive credentials from Erlang", function()
    local path = net.path()
    local sock <close> = assert(Socket.new("local", "dgram"))
    assert(sock:bind { family = "local", path = path })
    assert(sock:setopt("socket", "passcred", true))
    local self <close> = assert(Socket.new("local", "dgram"))
    assert(self:connect(sock:sockname()))
    assert(self:send "who?")
    local own = receive(sock).ctrl[1].value
    local erlang <close> = start("credentials", path, own.uid, own.gid)
    local theirs = receive(sock)
    assert.same({ "me" }, theirs.iov)
    assert.not_equal(own.pid, theirs.ctrl[1].value.pid)
    assert.equal(erlang:line(), text(theirs.ctrl[1].value))
  end)

  try("tell the same time of messages to and fro", function()
    local erlang <close> = start "timestamp"
    local sock <close> = bound "inet"
    assert(sock:setopt("socket", "timestamp", true))
    local there = { family = "inet", addr = "loopback", port = erlang:line() }
    assert.equal(5, sock:send("hello", 0, there, LIMIT))
    local sec, usec = tonumber(erlang:line()), tonumber(erlang:line())
    local message = receive(sock)
    assert.same({ "back" }, message.iov)
    local time = message.ctrl[1].value
    local elapsed = time.sec - sec + (time.usec - usec) / 1e6
    assert.is_true(math.abs(elapsed) < 60, elapsed)
  end)

  try("tell the same of the loopback interface", function()
    if build.is_portable then return end
    local requests = { "gifindex", "gifaddr", "gifdstaddr", "gifbrdaddr",
      "gifnetmask", "gifmtu", "giftxqlen", "gifflags", "gifmap" }
    local erlang <close> = start("ioctl", "lo", table.unpack(requests))
    local sock <close> = assert(Socket.new("inet", "dgram"))
    for _, request in ipairs(requests) do
      assert.equal(erlang:line(), text(assert(sock:ioctl(request, "lo"))))
    end
  end)
end)
