-- Every public function is called with values that it cannot use, at each of
-- its places. What raises names the argument; nothing hangs or leaks.

local Socket = require "socket"
local net = require "spec.support.net"

local PLACES = 5

local VALUES = {
  { name = "nothing", nil },
  { name = "true", true },
  { name = "an empty table", {} },
  { name = "a list", { {} } },
  { name = "a function", function() end },
  { name = "a file", io.stdout },
  { name = "a thread", coroutine.create(print) },
  { name = "a negative number", -1 },
  { name = "a huge number", math.maxinteger },
  { name = "a fraction", 0.5 },
  { name = "not a number", 0 / 0 },
  { name = "an empty string", "" },
  { name = "a zero byte", "\0" },
  { name = "an unknown keyword", { no_such_keyword = 1 } },
  { name = "an unknown family", { family = "no such family" } },
}

-- These run until they are told to end, or wait for what never comes; one gives
-- its fd away.
local LEFT_OUT = {
  accept_loop = true,
  copy_stream = true,
  detach = true,
  i = true, -- prints
  receive = true, -- needs a call that was started
  run = true, -- calls what it gets
  schedule = true, -- needs a scheduler
  select = true,
  set_on_error = true,
  sleep = true,
  tcp_server_loop = true,
  udp_server_loop = true,
  udp_server_loop_on = true,
  unix_server_loop = true,
  wait = true,
  wait_priority = true,
  wait_readable = true,
  wait_writable = true,
  with_timeout = true, -- calls what it gets
}

-- These are about the object, or about how many arguments there are.
local OTHER_MESSAGES = {
  "socket option expected", -- of another kind than the method
  "ancillary data expected",
  "size differ%.", -- of the option's data
  "IP address needs host and port but %d arguments given",
  "invalid format option", -- string.unpack's own
}

-- What stands before the bad value, where that is not nothing.
local USUAL = {
  BasicSocket = {
    getsockopt = { "SOCKET", "TYPE" },
    gets = { "\n", 10 },
    read = { 1 },
    recv = { 1, 0 },
    recvmsg = { 1, 0, 0 },
    recvv = { { 1 }, 0 },
    send = { "data", 0 },
    sendfile = { io.stdin, 0, 1 },
    sendmsg = { "data", 0, Socket.pack_sockaddr_un "" },
    sendv = { { "data" } },
    setsockopt = { "SOCKET", "KEEPALIVE", true },
    shutdown = { "RD" },
    write = { "data" },
  },
  Socket = {
    bind = { Socket.pack_sockaddr_in(0, "127.0.0.1") },
    for_fd = { -1 },
    getaddrinfo = { "127.0.0.1", "80", "INET", "STREAM" },
    getnameinfo = { { "AF_INET", 80, "127.0.0.1" } },
    getservbyname = { "http" },
    getservbyport = { 80 },
    new = { "INET", "STREAM" },
    pack_sockaddr_in = { 80, "127.0.0.1" },
    pair = { "UNIX", "STREAM" },
    rest_iov = { 0, { "data" } },
    recvfrom = { 1, 0 },
    tcp = { "127.0.0.1", 0 },
    tcp_server_sockets = { "127.0.0.1", 0 },
    udp_server_sockets = { "127.0.0.1", 0 },
  },
  Addrinfo = {
    getaddrinfo = { "127.0.0.1", "80", "INET", "STREAM" },
    new = { { "AF_INET", 80, "127.0.0.1", "127.0.0.1" } },
    tcp = { "127.0.0.1", 80 },
    udp = { "127.0.0.1", 80 },
  },
  IPSocket = { addr = { true }, recvfrom = { 1, 0 } },
  TCPSocket = { new = { "127.0.0.1", 0 } },
  TCPServer = { new = { "127.0.0.1", 0 } },
  UDPSocket = {
    bind = { "127.0.0.1", 0 },
    connect = { "127.0.0.1", 0 },
    recvfrom_nonblock = { 1, 0 },
    send = { "data", 0, "127.0.0.1", 0 },
  },
}

-- A socket that waits for nothing.
local function hasty(sock, err)
  assert(sock, err):set_timeout(0)
  return sock
end

-- A fresh object to call the methods of a class on.
local OBJECTS = {
  BasicSocket = function()
    local a, b = net.pair()
    return hasty(a), b
  end,
  Socket = function() return hasty(Socket.new("INET", "STREAM")) end,
  IPSocket = function() return hasty(Socket.UDPSocket.new()) end,
  UDPSocket = function() return hasty(Socket.UDPSocket.new()) end,
  TCPServer = function()
    return hasty(Socket.TCPServer.new("127.0.0.1", 0))
  end,
  UNIXSocket = function()
    local a, b = Socket.UNIXSocket.pair()
    return hasty(a), b
  end,
  UNIXServer = function()
    return hasty(Socket.UNIXServer.new(net.path()))
  end,
  Addrinfo = function() return Socket.Addrinfo.tcp("127.0.0.1", 80) end,
  Option = function() return Socket.Option.int("INET", "SOCKET", "TYPE", 1) end,
  AncillaryData = function()
    return Socket.AncillaryData.int("INET", "IP", "TTL", 1)
  end,
}

local CLASSES = {}
for name, class in pairs(Socket) do
  if type(class) == "table" and not tostring(name):find("^%u+_?%u*$") then
    CLASSES[name] = class
  end
end
CLASSES.Socket = Socket
CLASSES.Constants, CLASSES.Errno = nil, nil

-- Functions that call as a program does, so that messages have the names.
local function as_function(class_name, name)
  return load(("local class = ...; return function(_, ...) " ..
    "return class.%s(...) end"):format(name))(CLASSES[class_name])
end

local function as_method(name)
  return load(("return function(self, ...) return self:%s(...) end")
    :format(name))()
end

local function close(object)
  if type(object) == "userdata" and Socket.BasicSocket.is_a and
    pcall(Socket.BasicSocket.fileno, object) then
    object:close()
  end
end

local function close_all(results)
  for i = 2, results.n do
    local value = results[i]
    if type(value) == "table" and getmetatable(value) == nil then
      for _, element in ipairs(value) do close(element) end
    else
      close(value)
    end
  end
end

-- Whether the message names the argument, or the object.
local function names_argument(message)
  message = tostring(message)
  for _, other in ipairs(OTHER_MESSAGES) do
    if message:find(other) then return true end
  end
  return message:find("bad argument #%d+ to '[%w_.]+'") or
    message:find("calling '[%w_.]+' on bad self")
end

local function arguments_before(usual, place)
  local arguments = { n = place }
  for i = 1, place - 1 do
    arguments[i] = usual and usual[i]
  end
  return arguments
end

-- The same object, closed.
local function closed(make)
  return function()
    local object, other = make()
    close(object)
    return object, other
  end
end

-- Calls with each value at each place; adds complaints to the list.
local function try(complaints, call, make, usual, title)
  for place = 1, PLACES do
    for _, value in ipairs(VALUES) do
      local object, other = nil, nil
      if make then object, other = make() end
      local arguments = arguments_before(usual, place)
      arguments[place] = value[1]
      local results = table.pack(pcall(call, object,
        table.unpack(arguments, 1, place)))
      if not results[1] and not names_argument(results[2]) then
        complaints[#complaints + 1] = ("%s with %s at place %d: %s"):format(
          title, value.name, place, tostring(results[2]))
      end
      close_all(results)
      close_all({ n = 3, nil, object, other })
    end
  end
end

local function sorted_functions(class)
  local names = {}
  for name, value in pairs(class) do
    if type(value) == "function" and not LEFT_OUT[name] then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

for class_name, class in pairs(CLASSES) do
  describe(class_name, function()
    after_each(function() -- the default of all new sockets
      Socket.BasicSocket.set_do_not_reverse_lookup(true)
    end)

    for _, name in ipairs(sorted_functions(class)) do
      local usual = USUAL[class_name] and USUAL[class_name][name]

      it("names what " .. name .. " cannot use", function()
        local complaints = {}
        local title = class_name .. "." .. name
        try(complaints, as_function(class_name, name), nil, usual, title)
        if OBJECTS[class_name] then
          title = class_name .. ":" .. name
          try(complaints, as_method(name), OBJECTS[class_name], usual, title)
          try(complaints, as_method(name), closed(OBJECTS[class_name]), usual,
            title .. ", closed,")
        end
        assert.are.equal("", table.concat(complaints, "\n"))
      end)
    end
  end)
end

-- What takes keywords, and how many arguments come before them.
local TAKE_KEYWORDS = {
  BasicSocket = {
    each_byte = 0, each_char = 0, each_line = 0, flush = 0, getbyte = 0,
    getc = 0, gets = 0, is_eof = 0, lines = 0, print = 0, printf = 1, putc = 1,
    puts = 0, read = 0, read_nonblock = 1, readbyte = 0, readchar = 0,
    readline = 0, readlines = 0, readpartial = 1, recv = 0, recv_nonblock = 0,
    recvmsg = 0, recvmsg_nonblock = 0, send = 1, sendfile = 1, sendmsg = 1,
    sendmsg_nonblock = 1, sendv = 1, shutdown = 0, sysread = 1, syswrite = 1,
    write = 1, write_nonblock = 1,
  },
  Socket = { accept = 0, connect = 1, recvfrom = 0, sysaccept = 0 },
  IPSocket = { addr = 0, peeraddr = 0, recvfrom = 0 },
  TCPServer = { accept = 0, sysaccept = 0 },
  UDPSocket = { bind = 2, connect = 2, recvfrom_nonblock = 0, send = 1 },
  UNIXSocket = { recvfrom = 0 },
  UNIXServer = { accept = 0, sysaccept = 0 },
}

-- The same of functions, with the arguments.
local FUNCTIONS_TAKE_KEYWORDS = {
  getaddrinfo = { "127.0.0.1", "80" },
  getnameinfo = { { "AF_INET", 80, "127.0.0.1" } },
  tcp = { "127.0.0.1", 0 },
  unix = { "/no/such/path" },
}

local ARGUMENTS = {
  connect = { Socket.pack_sockaddr_in(0, "127.0.0.1") },
  sendfile = { io.stdin },
  sendv = { { "x" } },
}

local function complaint_of(fn, ...)
  local arguments = table.pack(...)
  arguments[arguments.n + 1] = { no_such_keyword = true }
  local ok, err = pcall(fn, table.unpack(arguments, 1, arguments.n + 1))
  return ok and "nothing" or tostring(err)
end

local EXPECTED = "unknown keyword 'no_such_keyword'"

describe("an unknown keyword", function()
  for class_name, methods in pairs(TAKE_KEYWORDS) do
    it("is told by the methods of " .. class_name, function()
      local object, other = OBJECTS[class_name]()
      for name, count in pairs(methods) do
        local arguments = ARGUMENTS[name] or { count > 0 and "1" or nil }
        local told = complaint_of(as_method(name), object,
          table.unpack(arguments))
        assert.is_truthy(told:find(EXPECTED, 1, true), name .. ": " .. told)
      end
      close_all({ n = 3, nil, object, other })
    end)
  end

  it("is told by functions", function()
    for name, arguments in pairs(FUNCTIONS_TAKE_KEYWORDS) do
      local told = complaint_of(Socket[name], table.unpack(arguments))
      assert.is_truthy(told:find(EXPECTED, 1, true), name .. ": " .. told)
    end
  end)
end)
