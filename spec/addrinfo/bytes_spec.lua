-- Bytes of all kinds, as addresses: whatever they are, every reader either
-- answers or raises, and reads nothing outside of them (as the sanitizers see).

local Socket = require "socket"

local Addrinfo = Socket.Addrinfo

local READERS = {}
for name in pairs(Addrinfo) do
  if name:find("^is_") or name:find("^ip") or name:find("^inspect")
    or name:find("family$") or name:find("^unix_")
  then
    READERS[#READERS + 1] = name
  end
end
table.sort(READERS)

-- The families whose addresses have fields, as they stand in memory.
local HEADS = {}
for _, family in ipairs({
  "UNSPEC", "UNIX", "INET", "INET6", "PACKET", "AX25",
}) do
  local number = Socket["AF_" .. family]
  if number then HEADS[#HEADS + 1] = string.pack("=I2", number) end
end

local LENGTHS = { 0, 1, 2, 3, 5, 6, 10, 14, 20, 24, 26, 27, 30, 100, 108, 109,
  126, 127, 1000, 2046 }

-- The same numbers in each run: xorshift.
local function new_random(seed)
  return function(limit)
    seed = seed ~ (seed << 13)
    seed = seed ~ (seed >> 7)
    seed = seed ~ (seed << 17)
    return (seed >> 1) % limit
  end
end

local function random_bytes(random, length)
  local bytes = {}
  for i = 1, length do
    bytes[i] = string.char(random(4) == 0 and 0 or random(256))
  end
  return table.concat(bytes)
end

local function check_one(reader, value)
  local ok, err = pcall(reader, value)
  if not ok then assert.matches("^bad argument #1", err) end
end

local function check_readers(bytes)
  local addrinfo = Addrinfo.new(bytes)
  assert.equal(bytes, addrinfo:to_sockaddr())
  for _, name in ipairs(READERS) do
    check_one(Addrinfo[name], addrinfo)
  end
  check_one(Addrinfo.marshal_dump, addrinfo)
  for _, value in ipairs({ bytes, addrinfo }) do
    check_one(Socket.unpack_sockaddr_in, value)
    check_one(Socket.unpack_sockaddr_un, value)
  end
  local host, err = addrinfo:getnameinfo({ "NUMERICHOST", "NUMERICSERV" })
  assert.is_true(host ~= nil or err.name == "ResolutionError")
end

describe("an address of any bytes", function()
  it("is read within its length", function()
    local random = new_random(0x5eed)
    for _, head in ipairs(HEADS) do
      for _, length in ipairs(LENGTHS) do
        check_readers(head .. random_bytes(random, length))
        check_readers(head .. ("\0"):rep(length))
        check_readers(head .. ("\255"):rep(length))
      end
    end
  end)

  it("is read without a known family", function()
    local random = new_random(0xcafe)
    for _ = 1, 500 do
      check_readers(random_bytes(random, random(64)))
    end
  end)

  it("reads back what it wrote", function()
    local random = new_random(0xbeef)
    for _ = 1, 500 do
      local path = "/" .. random_bytes(random, random(107)):gsub("%z*$", "")
      local packed = Socket.pack_sockaddr_un(path)
      assert.equal(path, Socket.unpack_sockaddr_un(packed))
      local port, host = random(65536), ("%d.%d.%d.%d"):format(
        random(256), random(256), random(256), random(256))
      packed = Socket.pack_sockaddr_in(port, host)
      assert.same({ port, host }, { Socket.unpack_sockaddr_in(packed) })
    end
  end)

  it("is no address when it is too long", function()
    for _, head in ipairs(HEADS) do
      local bytes = head .. ("x"):rep(2047)
      for _, reader in ipairs({ Addrinfo.new, Socket.unpack_sockaddr_in,
        Socket.unpack_sockaddr_un }) do
        local ok, err = pcall(reader, bytes)
        assert.is_false(ok)
        assert.matches("too big", err, 1, true)
      end
    end
  end)

  it("is refused by the system, not cut", function()
    local sock <close> = Socket.new("UNIX", "DGRAM")
    local ok, err = sock:bind("\1\0" .. ("x"):rep(200))
    assert.is_nil(ok)
    assert.equal("EINVAL", err.name)
  end)
end)
