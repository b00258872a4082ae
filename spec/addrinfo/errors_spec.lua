local Socket = require "socket"
local vectors = require "spec.support.vectors"

-- An often used argument, for short.
local IPV4 = vectors.text(Socket.sockaddr_in(80, "127.0.0.1"))

-- Where this library differs from Ruby on purpose: why, how these calls end
-- here, and what a message then holds.
local DIFFERENCES = {
  {
    "names are accepted in any case", "accepted",
    'Addrinfo.new(IPV4, "inet")',
    'Addrinfo.new(IPV4, "Inet")',
    'Addrinfo.new(IPV4, "AF_inet")',
    'Addrinfo.new(IPV4, "af_inet")',
    'Addrinfo.new(("inet", 80, nil, "127.0.0.1"))',
    'Addrinfo.new(IPV4, "INET", "stream")',
    'Addrinfo.new(IPV4, "INET", "Stream")',
    'Addrinfo.new(IPV4, "INET", "sock_stream")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "inet")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "Inet")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "AF_inet")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "af_inet")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "INET", "stream")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "INET", "Stream")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, "INET", "sock_stream")',
    'Addrinfo.unix("/tmp/x", "stream")',
    'Addrinfo.unix("/tmp/x", "Stream")',
    'Addrinfo.unix("/tmp/x", "sock_stream")',
  },
  {
    "a protocol may be named", "accepted",
    'Addrinfo.new(IPV4, 2, 1, "TCP")',
    'Addrinfo.new(IPV4, 2, 1, "IPPROTO_TCP")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, nil, nil, "TCP")',
    'Addrinfo.getaddrinfo("127.0.0.1", 80, nil, nil, "IPPROTO_TCP")',
  },
  {
    "a number works wherever a name does", "accepted",
    'Addrinfo.new((2, 80, nil, "127.0.0.1"))',
  },
  {
    "Lua makes strings of numbers, and numbers of strings", "accepted",
    'Addrinfo.new(("AF_INET", "80", nil, "127.0.0.1"))',
    "Addrinfo.unix(1.5)",
    "Addrinfo.unix(42)",
    "Socket.pack_sockaddr_un(1.5)",
    "Socket.pack_sockaddr_un(42)",
    "Socket.getservbyname(80)",
    'Socket.getservbyport("80")',
  },
  {
    "nil stands for an argument left out", "accepted",
    'Addrinfo.new(("AF_INET", nil, nil, "127.0.0.1"))',
    'Addrinfo.tcp("127.0.0.1")',
    "Socket.pack_sockaddr_in(80)",
  },
  {
    "nil stands for an argument left out: no host and no service", "returned",
    "Addrinfo.tcp()",
    "Addrinfo.ip()",
    "Addrinfo.getaddrinfo()",
    "Socket.pack_sockaddr_in()",
  },
  {
    "nil stands for an argument left out: an unknown host", "returned",
    'Addrinfo.getaddrinfo("a")',
  },
  {
    "surplus arguments are ignored", "accepted",
    'Addrinfo.unix("a", 1, 2)',
    "Addrinfo.new(IPV4, 2, 1, 0, 0)",
    'Socket.pack_sockaddr_un("a", "b")',
    "Socket.getnameinfo(IPV4, 3, 3)",
  },
  {
    "surplus arguments are ignored: an unknown host", "returned",
    'Addrinfo.tcp("a", 1, 2)',
    'Addrinfo.ip("a", 1)',
  },
  {
    "a port is within 0 to 65535", "raised", "port",
    'Addrinfo.tcp("127.0.0.1", "-1")',
    'Addrinfo.tcp("127.0.0.1", "65536")',
    'Addrinfo.tcp("127.0.0.1", -1)',
    'Addrinfo.tcp("127.0.0.1", -2)',
    'Addrinfo.tcp("127.0.0.1", -80)',
    'Addrinfo.tcp("127.0.0.1", -65536)',
    'Addrinfo.tcp("127.0.0.1", 65536)',
    'Addrinfo.tcp("127.0.0.1", 100000)',
    'Addrinfo.tcp("127.0.0.1", 2147483648)',
    'Addrinfo.udp("::1", "-1")',
    'Addrinfo.udp("::1", "65536")',
    'Addrinfo.udp("::1", -1)',
    'Addrinfo.udp("::1", -2)',
    'Addrinfo.udp("::1", -80)',
    'Addrinfo.udp("::1", -65536)',
    'Addrinfo.udp("::1", 65536)',
    'Addrinfo.udp("::1", 100000)',
    'Addrinfo.udp("::1", 2147483648)',
    'Addrinfo.new(("AF_INET", -1, nil, "127.0.0.1"))',
    'Addrinfo.new(("AF_INET", -80, "n", "127.0.0.1"))',
  },
  {
    "a fraction is no integer", "raised", "number has no integer",
    "Addrinfo.new(IPV4, 1.5)",
    "Addrinfo.new(IPV4, 2, 1.5)",
    "Addrinfo.new(IPV4, 2, 1, 1.5)",
    'Addrinfo.unix("/x", 1.5)',
  },
  {
    "a name with a null byte is an unknown one", "raised", "AF_INET",
    'Addrinfo.new(("AF_INET\\x00", 80, "n", "127.0.0.1"))',
  },
  {
    "a reader raises for an address of the wrong kind", "raised",
    "getnameinfo: ai_family not supported",
    'Socket.unpack_sockaddr_in("\\x02\\x00")',
  },
}

local differences = {}
for _, group in ipairs(DIFFERENCES) do
  local first, text = 3, nil
  if group[2] == "raised" then first, text = 4, group[3] end
  for i = first, #group do
    differences[group[i]] = { ends = group[2], text = text }
  end
end

local function describe_case(case)
  local text = case.call .. vectors.text(case.args)
  local from, to = text:find(IPV4, 1, true)
  if not from then return text end
  return text:sub(1, from - 1) .. "IPV4" .. text:sub(to + 1)
end

-- What a message must hold: the value refused, or what is wrong with it.
local function essence(case)
  local message = case.error_message
  return message:match("^integer (%-?%d+) ")
    or message:match("^unknown socket domain: (.*)$")
    or message:match("^unknown address family: (.*)$")
    or message:match("null byte$") or message
end

-- How the call ends, and what its message holds.
local function expected(case)
  local difference = differences[describe_case(case)]
  if difference then return difference end
  if case.error_class == "" then return { ends = "accepted" } end
  if case.kind then return { ends = "raised", text = "bad argument" } end
  local message = case.error_message
  if message:find("^get%a+info: ") or message:find("^no such service") then
    return { ends = "returned", text = message }
  end
  return { ends = "raised", text = essence(case) }
end

local function outcome(ok, result, err)
  if not ok then return "raised", result end
  if result == nil then return "returned", tostring(err) end
  return "accepted", result
end

-- What Ruby's inspect shows of results.
local function inspect(...)
  local list = { ... }
  if #list == 1 and type(list[1]) == "table" then list = list[1] end
  local texts = {}
  for i, value in ipairs(list) do
    texts[i] = type(value) == "userdata" and value:inspect()
      or type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  return table.concat(texts, ", ")
end

local function check_result(case, ...)
  if case.error_class ~= "" or case.call == "Socket.pack_sockaddr_in" then
    return
  end
  assert.equal((case.result:gsub("^%[(.*)%]$", "%1")), inspect(...))
end

local function check_case(case)
  local class, name = case.call:match("^(%a+)%.(.+)$")
  class = class == "Socket" and Socket or Socket[class]
  local results = table.pack(pcall(class[name], vectors.unpack(case.args)))
  local wanted = expected(case)
  local ends, value = outcome(table.unpack(results, 1, results.n))
  assert.equal(wanted.ends, ends, tostring(value))
  if ends == "accepted" then
    check_result(case, table.unpack(results, 2, results.n))
  elseif ends == "raised" then
    assert.matches(wanted.text, value, 1, true)
  elseif wanted.text then
    assert.equal(wanted.text, value)
  end
end

describe("a call that Ruby refuses", function()
  for case, name in vectors.cases("addrinfo_errors", describe_case) do
    it(name, function()
      check_case(case)
    end)
  end

  it("is listed as different only if there is such a case", function()
    local known = {}
    for case in vectors.cases("addrinfo_errors", describe_case) do
      known[describe_case(case)] = true
    end
    for name in pairs(differences) do
      assert.is_true(known[name], name)
    end
  end)
end)
