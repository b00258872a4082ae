local Socket = require "socket"
local net = require "spec.support.net"

-- Less than what a socket's buffers hold.
local SOME = ("0123456789abcdef"):rep(1 << 12)

local function temporary_file(content)
  local file = assert(io.tmpfile())
  file:write(content)
  file:seek("set", 0)
  return file
end

-- An object that is read by pieces, and one that keeps what is written to it.
local function source(...)
  local pieces = { ... }
  return {
    read = function(_, n)
      local piece = table.remove(pieces, 1)
      return piece and piece:sub(1, n)
    end,
  }
end

local function sink()
  local kept = {}
  return {
    write = function(_, bytes)
      kept[#kept + 1] = bytes
      return #bytes
    end,
    text = function() return table.concat(kept) end,
  }
end

describe("copy_stream", function()
  it("copies between sockets to the end", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.tcp_pair()
    a:write(SOME)
    a:close()
    assert.equal(#SOME, Socket.copy_stream(b, c))
    c:close_write()
    assert.equal(SOME, d:read())
  end)

  it("copies as much as it is told to", function()
    local a, b, _ <close> = net.tcp_pair()
    local c, d, _ <close> = net.tcp_pair()
    a:write(SOME)
    assert.equal(10, Socket.copy_stream(b, c, 10))
    assert.equal(SOME:sub(1, 10), d:read(10))
    assert.equal(0, Socket.copy_stream(b, c, 0))
    assert.equal(5, Socket.copy_stream(b, c, 5))
    assert.equal(SOME:sub(11, 15), d:read(5))
    assert.equal(SOME:sub(16, 20), b:read(5))
  end)

  it("begins with what is buffered", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    a:write("line\nrest")
    a:close_write()
    assert.equal("line\n", b:gets())
    assert.equal(4, Socket.copy_stream(b, c))
    assert.equal("rest", d:read(4))
  end)

  it("writes first what the destination has buffered", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    c:set_sync(false)
    c:write("first ")
    a:write("then")
    a:close_write()
    assert.equal(4, Socket.copy_stream(b, c))
    assert.equal("first then", d:read(10))
  end)

  it("keeps the order where both ends have buffered", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    c:set_sync(false)
    a:write("line\nread ahead, ")
    assert.equal("line\n", b:gets())
    a:write("not yet")
    a:close_write()
    assert.equal(19, Socket.copy_stream(b, c))
    assert.equal("read ahead, not yet", d:read(19))
  end)

  it("copies a file, from where it stands", function()
    local file <close> = temporary_file("line\n" .. SOME)
    local a, b, _ <close> = net.tcp_pair()
    assert.equal("line", file:read("l"))
    assert.equal(10, Socket.copy_stream(file, a, 10))
    assert.equal(SOME:sub(11, 15), file:read(5))
    assert.equal(#SOME - 15, Socket.copy_stream(file, a))
    assert.is_nil(file:read(1))
    assert.equal(SOME:sub(1, 10) .. SOME:sub(16), b:read(#SOME - 5))
  end)

  it("copies a file from an offset, and leaves it where it stood", function()
    local file <close> = temporary_file("0123456789")
    local a, b, _ <close> = net.pair()
    assert.equal("01", file:read(2))
    assert.equal(3, Socket.copy_stream(file, a, 3, { offset = 6 }))
    assert.equal("678", b:read(3))
    assert.equal("23", file:read(2))
    local kept = sink()
    assert.equal(4, Socket.copy_stream(file, kept, nil, { offset = 6 }))
    assert.equal("6789", kept.text())
    assert.equal("45", file:read(2))
  end)

  it("copies into a file, after what was written to it", function()
    local file <close> = assert(io.tmpfile())
    file:write("head ")
    local a, b, _ <close> = net.pair()
    a:write(SOME)
    a:close()
    assert.equal(#SOME, Socket.copy_stream(b, file))
    file:seek("set", 0)
    assert.equal("head " .. SOME, file:read("a"))
  end)

  it("appends to a file, where the kernel does not", function()
    local path = net.path()
    local file <close> = assert(io.open(path, "a"))
    local a, b, _ <close> = net.pair()
    a:write(SOME)
    a:close()
    assert.equal(#SOME, Socket.copy_stream(b, file))
    file:close()
    local again <close> = assert(io.open(path))
    assert.equal(SOME, again:read("a"))
  end)

  it("copies from a program's output", function()
    local pipe <close> = assert(io.popen("printf 'one\\ntwo\\n'"))
    local a, b, _ <close> = net.pair()
    assert.equal("one", pipe:read("l"))
    assert.equal(4, Socket.copy_stream(pipe, a))
    assert.equal("two\n", b:read(4))
  end)

  it("copies between objects with read and write", function()
    local kept = sink()
    assert.equal(5, Socket.copy_stream(source("ab", "c", "de"), kept))
    assert.equal("abcde", kept.text())
    local a, b, _ <close> = net.pair()
    assert.equal(2, Socket.copy_stream(source("ab", "cd"), a, 2))
    a:close_write()
    kept = sink()
    assert.equal(2, Socket.copy_stream(b, kept))
    assert.equal("ab", kept.text())
  end)

  it("tells how far it is", function()
    local a, b, _ <close> = net.pair()
    local c, _, _ <close> = net.pair()
    local seen = {}
    local function progress(count) seen[#seen + 1] = count end
    a:write("hello")
    a:close_write()
    Socket.copy_stream(b, c, nil, { progress = progress })
    assert.same({ 5 }, seen)
    seen = {}
    Socket.copy_stream(source("ab", "cd"), sink(), { progress = progress })
    assert.same({ 2, 4 }, seen)
  end)

  it("ends past the deadline, and loses nothing", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    a:write("hello")
    local ok, err = Socket.copy_stream(b, c, nil, { timeout = 0.03 })
    assert.is_nil(ok)
    assert.is_true(err == Socket.TIMEOUT)
    assert.equal(5, err.written)
    assert.equal("", err.rest)
    assert.equal("hello", d:read(5))
  end)

  it("tells what was read in vain when the destination is gone", function()
    local a, b, _ <close> = net.pair()
    local c, d, _ <close> = net.pair()
    a:write("hello")
    d:close()
    local ok, err, errno = Socket.copy_stream(b, c)
    assert.is_nil(ok)
    assert.equal("EPIPE", err.name)
    assert.equal(Socket.Errno.EPIPE, errno)
    assert.equal(0, err.written)
    assert.equal("hello", err.rest)
    local file <close> = temporary_file("hello")
    assert.equal("EPIPE", select(2, Socket.copy_stream(file, c)).name)
  end)

  it("gives the sockets back as they were", function()
    local a, b, _ <close> = net.tcp_pair()
    local c, d, _ <close> = net.tcp_pair()
    a:write("x")
    Socket.copy_stream(b, c, 1, { timeout = 5 })
    a:write("y")
    assert.equal("y", b:recv(1))
    c:write("z")
    assert.equal("xz", d:read(2))
  end)

  it("fails on closed ends", function()
    local a, b, _ <close> = net.pair()
    b:close()
    assert.equal("IOError", select(2, Socket.copy_stream(a, b)).name)
    assert.equal("IOError", select(2, Socket.copy_stream(b, a)).name)
  end)

  it("names the argument that is wrong", function()
    local a, _, _ <close> = net.pair()
    local wrong = {
      { 1, a, "#1" }, { "x", a, "#1" }, { a, {}, "#2" }, { a, nil, "#2" },
    }
    for _, case in ipairs(wrong) do
      assert.error_matches(function()
        Socket.copy_stream(case[1], case[2])
      end, "bad argument " .. case[3] .. " to 'copy_stream'")
    end
    assert.error_matches(function() Socket.copy_stream(a, a, -1) end, "#3")
    assert.error_matches(function() Socket.copy_stream(a, a, 1.5) end, "#3")
    assert.error_matches(function()
      Socket.copy_stream(a, a, nil, { progres = print })
    end, "unknown keyword 'progres'")
  end)
end)
