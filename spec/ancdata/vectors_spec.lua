local AncillaryData = require("socket").AncillaryData
local vectors = require "spec.support.vectors"

local VECTORS = dofile("spec/vectors/ancdata.lua")

local PKTINFO6 = "ipv6_pktinfo"

-- Ruby's messages about numbers that do not fit, and about arguments of a wrong
-- type, are not Lua's.
local function essential(row)
  return row.error_message:match("^unknown.*: (.*)$")
    or row.error_message:match("^(%w+) size different")
    or row.error_message:match("^%w+ is not AF_INET6? sockaddr$")
    or ""
end

-- Ruby says "spec_dat" for "spec_dst" in one message.
local function expected_text(row)
  return (essential(row):gsub("^spec_dat$", "spec_dst"))
end

-- Where this library differs: each gives a reason, or nil.
local DIFFERENCES = {
  -- A number out of range is refused, never wrapped; a fraction, too.
  function(row)
    if row.error_class then return nil end
    for i = 1, row.args.n do
      local value = row.args[i]
      if math.type(value) == "float" then return "a fraction" end
      local is_index = i == 2 and row.op:find("pktinfo", 1, true)
      if is_index and value < 0 then return "out of range" end
    end
    return nil
  end,
  vectors.any_case,
  vectors.number_as_data,
}

local function difference(row)
  return vectors.difference(DIFFERENCES, row)
end

local function make(row)
  return AncillaryData[row.op](table.unpack(row.args, 1, row.args.n))
end

-- The text in the time zone of this process; that of the vectors is UTC.
local function expected_inspect(row)
  if not row.timestamp then return row.inspect end
  local moment = os.date("%Y-%m-%d %H:%M:%S", row.timestamp[1])
  return (row.inspect:gsub("%d+%-%d%d%-%d%d %d%d:%d%d:%d%d", moment))
end

local function each(accept, fn)
  vectors.each(VECTORS, accept, fn)
end

local function each_made(fn)
  each(function(row)
    return not row.error_class and not difference(row)
  end, function(row) fn(row, make(row)) end)
end

-- Checks that the reader raises just as Ruby's does; otherwise gives what it
-- returned.
local function read(row, ancdata, reader)
  local got = table.pack(pcall(ancdata[reader], ancdata))
  local refusal = row[reader .. "_error"]
  assert.equal(refusal == nil, got[1], vectors.describe(row))
  if not refusal then return table.unpack(got, 2, got.n) end
  assert.is_truthy(got[2]:find(refusal.error_message, 1, true), got[2])
  return nil
end

-- Some readers give addresses, and the vectors both text and bytes.
local function check_address(text, bytes, address)
  assert.equal(text, address:inspect())
  assert.equal(bytes, address:to_sockaddr())
end

-- A name that Ruby does not know is refused; in small letters it is the same as
-- in capitals.
local function check_unknown(ancdata, query)
  local ok, result = pcall(ancdata.cmsg_is, ancdata, query.level, query.type)
  local message = query.error_message
  local name = message:match("^unknown.*: (.*)$")
  if name == name:upper() then
    assert.is_false(ok)
    return assert.is_truthy(result:find(message, 1, true), result)
  end
  local expected = table.pack(pcall(ancdata.cmsg_is, ancdata,
    query.level:upper(), query.type:upper()))
  assert.equal(expected[1], ok)
  if ok then return assert.equal(expected[2], result) end
  assert.is_truthy(result:upper():find(expected[2]:upper(), 1, true), result)
end

describe("AncillaryData, compared with Ruby,", function()
  it("is made with the same contents and text", function()
    each_made(function(row, ancdata)
      assert.equal(row.family, ancdata:family())
      assert.equal(row.level, ancdata:level())
      assert.equal(row.type, ancdata:type())
      assert.equal(row.data, ancdata:data())
      assert.equal(expected_inspect(row), ancdata:inspect())
      assert.equal(expected_inspect(row), tostring(ancdata))
    end)
  end)

  it("refuses the same, and names what it refuses", function()
    each(function(row)
      return row.error_class and not difference(row)
    end, function(row)
      local ok, err = pcall(make, row)
      assert.is_false(ok, vectors.describe(row))
      assert.is_truthy(err:find("bad argument #%d"), err)
      assert.is_truthy(err:find(expected_text(row), 1, true), err)
    end)
  end)

  it("differs where a number does not fit, in case, in number data", function()
    local seen = vectors.count_reasons(VECTORS, difference, function(row)
      local ok = pcall(make, row)
      assert.equal(row.error_class ~= nil, ok, vectors.describe(row))
    end)
    assert.same({
      ["a number as data"] = 1,
      ["any case"] = 3,
      ["out of range"] = 2,
    }, seen)
  end)

  it("reads ints and times of the right size and refuses others", function()
    each_made(function(row, ancdata)
      assert.equal(row.int, (read(row, ancdata, "int")))
      local seconds, nanoseconds = read(row, ancdata, "timestamp")
      local expected = row.timestamp or {}
      assert.same({ expected[1], expected[2] }, { seconds, nanoseconds })
    end)
  end)

  it("reads where IPv4 datagrams arrived", function()
    each_made(function(row, ancdata)
      local address, ifindex, spec_dst = read(row, ancdata, "ip_pktinfo")
      if not row.ip_pktinfo then return end
      local texts, bytes = row.ip_pktinfo, row.ip_pktinfo_bytes
      check_address(texts[1], bytes[1], address)
      assert.equal(texts[2], ifindex)
      check_address(texts[3], bytes[2], spec_dst)
    end)
  end)

  it("reads where IPv6 datagrams arrived", function()
    each_made(function(row, ancdata)
      local first, ifindex = read(row, ancdata, PKTINFO6)
      local address = read(row, ancdata, "ipv6_pktinfo_addr")
      local same_index = read(row, ancdata, "ipv6_pktinfo_ifindex")
      if not row[PKTINFO6] then return end
      check_address(row.ipv6_pktinfo_addr, row.ipv6_pktinfo_addr_bytes, address)
      assert.equal(first, address)
      assert.equal(row[PKTINFO6][2], ifindex)
      assert.equal(row.ipv6_pktinfo_ifindex, same_index)
    end)
  end)

  it("has no objects unless it was made of some", function()
    each_made(function(row, ancdata)
      assert.is_nil((read(row, ancdata, "unix_rights")))
    end)
  end)

  it("knows its level and type by name and number", function()
    each_made(function(row, ancdata)
      for _, query in ipairs(row.cmsg_is) do
        if query.error_class then
          check_unknown(ancdata, query)
        else
          assert.equal(query.result, ancdata:cmsg_is(query.level, query.type))
        end
      end
    end)
  end)
end)
