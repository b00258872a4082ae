-- How many system calls an operation makes.

local build = require "spec.support.build"

-- The calls between two markers are counted.
local SCRIPT = [[
local Socket = require "socket"
local net = require "spec.support.net"
local function mark() io.open("/marker") end
local function counted(fn, ...)
  mark()
  fn(...)
  mark()
end
]]

-- Memory and time are not what is counted.
local FILTER = "trace='!brk,mmap,munmap,mremap,madvise,clock_gettime,futex'"

local is_there = os.execute("strace -o /dev/null true >/dev/null 2>&1")

-- A sanitizer cannot look for leaks while strace looks on.
local ASAN = "ASAN_OPTIONS=detect_leaks=0 "

-- Call -> how often the script makes it between the markers.
local function count(script)
  local trace = os.tmpname()
  local command = ASAN .. "strace -o %s -e %s %s -e %s - </dev/null"
  local output, ok = build.run(command:format(trace, FILTER, build.command(),
    build.quote(SCRIPT .. script)))
  local calls, inside = {}, false
  for line in io.lines(trace) do
    local name = line:match("^([%w_]+)%(")
    if line:find('"/marker"', 1, true) then
      inside = not inside
    elseif inside and name then
      calls[name] = (calls[name] or 0) + 1
    end
  end
  os.remove(trace)
  assert.is_true(ok, output)
  return calls
end

if not is_there then
  pending("system calls are counted with strace, which cannot run here")
  return
end

describe("system calls", function()
  it("of a recv without a deadline are one", function()
    assert.are.same({ recvfrom = 20 }, count [[
      local a, b = net.pair("DGRAM")
      for _ = 1, 5 do a:send("x", 0) end
      local function again()
        for _ = 1, 5 do assert(b:recv(10)) end
      end
      counted(again)
      for _ = 1, 15 do a:send("x", 0) end
      counted(function() again() again() again() end)
    ]])
  end)

  it("of a recv with a deadline are one when data is there", function()
    assert.are.same({ recvfrom = 5 }, count [[
      local a, b = net.tcp_pair()
      a:send("abcde", 0)
      counted(function()
        for _ = 1, 5 do assert(b:recv(1, 0, { timeout = 5 })) end
      end)
    ]])
  end)

  it("of a send are one", function()
    assert.are.same({ sendto = 5 }, count [[
      local a, b = net.tcp_pair()
      counted(function()
        for _ = 1, 5 do assert(a:send("x", 0)) end
      end)
    ]])
  end)

  it("of many lines in a segment are one", function()
    assert.are.same({ recvfrom = 1 }, count [[
      local a, b = net.pair()
      a:send(("a line of text\n"):rep(100), 0)
      counted(function()
        for _ = 1, 100 do assert(b:gets()) end
      end)
    ]])
  end)

  it("of lines() are one for many lines in a segment", function()
    assert.are.same({ recvfrom = 1 }, count [[
      local a, b = net.pair()
      a:send(("a line of text\n"):rep(100), 0)
      counted(function()
        local n = 0
        for _ in b:lines() do
          n = n + 1
          if n == 100 then break end
        end
      end)
    ]])
  end)

  it("of gathering writes are one each", function()
    assert.are.same({ sendmsg = 3 }, count [[
      local a, b = net.pair()
      counted(function()
        a:puts("one", "two", { "three", { "four" } })
        a:print("one", "two", "three")
        a:write("one", "two", { "three" })
      end)
    ]])
  end)

  it("of an accept are one where somebody waits", function()
    local calls = count [[
      local server, address = net.listener()
      local clients = {}
      for i = 1, 3 do
        clients[i] = Socket.new("INET", "STREAM")
        clients[i]:connect(address)
      end
      counted(function()
        for i = 1, 3 do clients[-i] = assert(server:accept()) end
      end)
    ]]
    assert.are.equal(3, calls.accept4 or calls.accept)
    assert.is_nil(calls.poll)
    assert.is_nil(calls.ppoll)
    if calls.accept4 then assert.are.same({ accept4 = 3 }, calls) end
  end)

  it("of connecting to a numeric host are two", function()
    local calls = count [[
      local server, _, port = net.listener()
      local kept = {}
      local function open(i, new, ...)
        kept[i] = assert(new("127.0.0.1", port, ...))
      end
      counted(function()
        for i = 1, 3 do
          open(i, Socket.tcp)
          open(-i, Socket.TCPSocket.new)
        end
      end)
    ]]
    -- without Linux's own calls one makes the socket close-on-exec
    if calls.fcntl then assert.are.equal(6, calls.fcntl) end
    calls.fcntl = nil
    assert.are.same({ socket = 6, connect = 6 }, calls)
  end)
end)
