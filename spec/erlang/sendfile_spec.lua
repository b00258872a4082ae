-- A file's bytes straight into a socket, as Erlang's sendfile has it.

local Socket = require "socket"
local build = require "spec.support.build"
local net = require "spec.support.net"
local nowait = require "spec.support.nowait"
local paths = require "spec.support.paths"
local tasks = require "spec.support.tasks"

-- A file of those bytes, open for reading.
local function file_of(bytes)
  local path = paths.new()
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
  return assert(io.open(path, "rb"))
end

describe("sendfile", function()
  it("sends all of a file, which stays where it stands", function()
    local a, b, _ <close> = net.pair()
    local file <close> = file_of "hello world"
    assert.equal("hel", file:read(3))
    assert.equal(11, a:sendfile(file))
    assert.equal("hello world", b:recv(20))
    assert.equal(3, file:seek())
    assert.equal("lo", file:read(2))
  end)

  it("sends a part of it", function()
    local a, b, _ <close> = net.pair()
    local file <close> = file_of "hello world"
    assert.equal(5, a:sendfile(file, 6))
    assert.equal("world", b:recv(20))
    assert.equal(2, a:sendfile(file, 1, 2))
    assert.equal("el", b:recv(20))
    assert.equal(2, a:sendfile(file, nil, 2))
    assert.equal("he", b:recv(20))
    assert.equal(5, a:sendfile(file, 6, 0))
    assert.equal("world", b:recv(20))
    assert.equal(5, a:sendfile(file, 6, 100))
    assert.equal("world", b:recv(20))
    assert.equal(0, a:sendfile(file, 11))
    assert.equal(0, a:sendfile(file, 100, 5))
    assert.equal(0, file:seek())
  end)

  it("sends more than the socket has room for", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local big = ("0123456789"):rep(300000)
      local file <close> = file_of(big)
      local task = Socket.schedule(a.sendfile, a, file)
      assert.equal(big, b:recv(#big, { exact = true }))
      assert.equal(#big, tasks.result(task))
    end)
  end)

  it("says how far it came, so that another call goes on there", function()
    tasks.run(function()
      local a, b, _ <close> = net.tcp_pair()
      local big = ("0123456789"):rep(1000000)
      local file <close> = file_of(big)
      local sent, err = a:sendfile(file, { timeout = 0.01 })
      assert.is_nil(sent)
      assert.is_true(err == Socket.TIMEOUT)
      assert.is_true(err.written > 0)
      local task = Socket.schedule(a.sendfile, a, file, err.written)
      assert.equal(big, b:recv(#big, { exact = true }))
      assert.equal(#big - err.written, tasks.result(task))
    end)
  end)

  it("sends what the program has just written", function()
    local a, b, _ <close> = net.pair()
    local file <close> = assert(io.open(paths.new(), "w+b"))
    assert(file:write "just written")
    assert.equal(12, a:sendfile(file))
    assert.equal("just written", b:recv(20))
  end)

  it("fails when the peer is gone, and lives on", function()
    local a, b, _ <close> = net.pair()
    b:close()
    local file <close> = file_of "x"
    local sent, err = a:sendfile(file)
    assert.is_nil(sent)
    assert.equal("EPIPE", err.name)
  end)

  it("fails on a closed socket", function()
    local a, _, _ <close> = net.pair()
    a:close()
    local file <close> = file_of "x"
    local sent, err = a:sendfile(file)
    assert.is_nil(sent)
    assert.equal("IOError", err.name)
  end)

  it("refuses what is no file, and bad numbers", function()
    local a, _, _ <close> = net.pair()
    local file = file_of "x"
    local function refused(message, ...)
      local args = table.pack(...)
      assert.error_matches(function()
        a:sendfile(table.unpack(args, 1, args.n))
      end, message)
    end
    refused("#1 to 'sendfile' %(open Lua file expected, got string", "x")
    refused("#1 to 'sendfile' %(open Lua file expected, got nil")
    refused("#2 to 'sendfile'", file, -1)
    refused("#3 to 'sendfile'", file, 0, 1.5)
    refused("unknown keyword 'timout'", file, { timout = 1 })
    file:close()
    refused("got closed file", file)
  end)
end)

nowait.describe("a sendfile that is started", function(run)
  local NOWAIT, start, is_told = nowait.NOWAIT, nowait.start, nowait.is_told
  local big = ("0123456789"):rep(200000)

  it("is done at once where there is room", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local file <close> = file_of "hello"
      assert.equal(5, a:sendfile(file, NOWAIT))
      assert.equal("hello", b:recv())
      nowait.is_nothing(Socket.receive(0))
    end)
  end)

  it("sends first what is buffered", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local file <close> = file_of "world"
      a:set_sync(false)
      assert(a:write "hello ")
      assert.equal(5, a:sendfile(file, NOWAIT))
      assert.equal("hello world", b:recv(11, { exact = true }))
    end)
  end)

  it("lets nothing come between", function()
    if build.is_portable then pending "copies through Lua take turns" end
    run(function()
      local a, b, _ <close> = net.pair()
      local file <close> = file_of(big)
      local info = start(a, "sendfile", file, NOWAIT)
      local behind = start(a, "send", "end", 0, nil, NOWAIT)
      local offset, sent = 0
      repeat
        assert.equal("sendfile", info.op)
        local bytes = big:sub(offset + 1, offset + info.written)
        assert.is_true(bytes == b:recv(#bytes, { exact = true }))
        offset = offset + info.written
        is_told(info)
        sent, info = a:sendfile(file, offset, NOWAIT)
      until sent
      assert.equal(#big, offset + sent)
      assert.is_true(big:sub(-sent) == b:recv(sent, { exact = true }))
      is_told(behind)
      assert.equal(3, a:send("end", 0, nil, NOWAIT))
      assert.equal("end", b:recv())
    end)
  end)

  it("stands behind what was started before, and can be cancelled", function()
    run(function()
      local a, b, _ <close> = net.pair()
      local file <close> = file_of "hello"
      local count = nowait.fill(a)
      local first = start(a, "send", "first", 0, nil, NOWAIT)
      local info = start(a, "sendfile", file, NOWAIT)
      assert.is_nil(info.written)
      assert(b:recv(count, { exact = true }))
      is_told(first)
      assert.equal(5, a:send("first", 0, nil, NOWAIT))
      is_told(info)
      assert.is_true(a:cancel(info))
      nowait.is_gone(a:cancel(info))
      assert.equal("first", b:recv())
    end)
  end)

  it("is aborted when the socket closes, and fails on a closed one", function()
    run(function()
      local a, _, _ <close> = net.pair()
      local file <close> = file_of(big)
      local info = start(a, "sendfile", file, NOWAIT)
      a:close()
      is_told(info, "abort")
      nowait.is_closed(a:sendfile(file, NOWAIT))
    end)
  end)
end)
