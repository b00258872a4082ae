-- Bytes: read with counts and formats, lines, readpartial and its like, single
-- bytes, and putting back.

local Socket = require "socket"
local net = require "spec.support.net"

-- A socket whose peer sent these bytes, and the closer of both; the stream ends
-- with them unless it is to stay open.
local function sent(bytes, stays_open)
  local peer, sock, closer = net.pair()
  assert(peer:write(bytes))
  if not stays_open then peer:close_write() end
  return sock, peer, closer
end

describe("BasicSocket:read", function()
  it("waits for all bytes that it was asked for", function()
    local sock, peer, _ <close> = sent("12", true)
    assert.equal(Socket.TIMEOUT, select(2, sock:read(4, { timeout = 0.01 })))
    peer:write("345")
    assert.equal("1234", sock:read(4))
    assert.equal("5", sock:readpartial(10))
  end)

  it("gives fewer at the end of the stream, then nil alone", function()
    local sock, _, _ <close> = sent("12")
    assert.equal("12", sock:read(4))
    assert.equal(1, select("#", sock:read(4)))
    assert.is_nil((sock:read(4)))
    assert.equal("", sock:read(0))
    assert.equal("", sock:read())
  end)

  it("reads to the end of the stream, or nothing", function()
    local sock, peer, _ <close> = sent("abc", true)
    assert.equal(Socket.TIMEOUT, select(2, sock:read({ timeout = 0.01 })))
    assert.equal(Socket.TIMEOUT, select(2, sock:read("a", { timeout = 0.01 })))
    peer:close()
    assert.equal("abc", sock:read(nil))
  end)

  it("asks for no memory that it does not need", function()
    local sock, _, _ <close> = sent("abc")
    assert.equal("abc", sock:read(math.maxinteger))
    assert.equal("EOFError", select(2, sock:readpartial(math.maxinteger)).name)
  end)

  it("reads Lua's formats", function()
    local sock, _, _ <close> = sent("one\r\ntwo\n 0x1F,-2.5e1 x\nrest\n")
    assert.equal("one\r", sock:read("l"))
    assert.equal("two\n", sock:read("*L"))
    assert.equal(31, sock:read("n"))
    assert.equal(",", sock:read(1))
    assert.equal(-25.0, sock:read("n"))
    assert.same({ " x", "rest\n" }, { sock:read("l", "a") })
    assert.equal("", sock:read("a"))
    assert.equal(1, select("#", sock:read("l")))
  end)

  it("takes nothing where one of several formats fails", function()
    local sock, peer, _ <close> = sent("12 line\nx", true)
    assert.equal(Socket.TIMEOUT,
      select(2, sock:read("n", "l", "l", { timeout = 0.01 })))
    assert.equal(1, select("#", sock:read("n", "n")))
    assert.same({ 12, " line", "x" }, { sock:read("n", "l", 1) })
    peer:write("last\n")
    peer:close()
    assert.equal(1, select("#", sock:read("l", "l")))
    assert.same({ "last", "" }, { sock:read("l", "a") })
  end)

  it("waits where a number may go on", function()
    local sock, peer, _ <close> = sent("12", true)
    assert.equal(Socket.WAIT_READABLE, select(2, sock:read("n",
      { timeout = 0 })))
    peer:write("3 ")
    assert.equal(123, sock:read("n"))
  end)

  it("finds no number in what is none, and leaves it", function()
    for _, text in ipairs({ "x", "-", "0x", ".", "1e", "", "  " }) do
      local sock, _, _ <close> = sent(text)
      assert.equal(1, select("#", sock:read("n")), text)
      assert.equal(text, sock:read())
    end
    local sock, _, _ <close> = sent(("1"):rep(201))
    assert.is_nil((sock:read("n")))
    assert.equal(201, #sock:read())
  end)

  it("reads numbers as Lua's files do", function()
    local texts = { "1", "+1", "-0", "0x10", "0xA.8p1", "1.", ".5", "1e2",
      "1E+2", "12abc", "00", "9223372036854775808", "1..2", "0x.8", "1_0" }
    for _, text in ipairs(texts) do
      local file <close> = assert(io.tmpfile())
      file:write(text)
      file:seek("set")
      local sock, _, _ <close> = sent(text)
      local number = sock:read("n")
      assert.equal(file:read("n"), number, text)
      if number then assert.equal(file:read("a"), sock:read(), text) end
    end
  end)

  it("refuses what is no format", function()
    local sock, _, _ <close> = sent("")
    assert.error_matches(function() sock:read("x") end, "invalid format")
    assert.error_matches(function() sock:read("ll") end, "invalid format")
    assert.error_matches(function() sock:read("") end, "invalid format")
    assert.error_matches(function() sock:read("l", true) end, "#2.*boolean")
    assert.error_matches(function() sock:read(-1) end, "negative length %-1")
    assert.error_matches(function() sock:read(1.5) end, "integer")
    assert.error_matches(function() sock:read({ time = 1 }) end, "'time'")
    assert.error_matches(function() sock:read({ "l" }) end, "table")
  end)
end)

describe("BasicSocket:lines", function()
  it("gives lines without their ends", function()
    local sock, _, _ <close> = sent("a\n\nb\r\nc")
    local lines = {}
    for line in sock:lines() do
      lines[#lines + 1] = line
    end
    assert.same({ "a", "", "b\r", "c" }, lines)
    assert.equal(4, sock:lineno())
  end)

  it("takes formats, as Lua's files do", function()
    local sock, _, _ <close> = sent("1 a\n2 b\n")
    local list = {}
    for number, rest in sock:lines("n", "L") do
      list[#list + 1] = number .. rest
    end
    assert.same({ "1 a\n", "2 b\n" }, list)
    local bytes, _, _ <close> = sent("abcde")
    list = {}
    for part in bytes:lines(2) do
      list[#list + 1] = part
    end
    assert.same({ "ab", "cd", "e" }, list)
  end)

  it("raises what fails", function()
    local sock, _, _ <close> = sent("a\nb", true)
    local next_line = sock:lines({ timeout = 0.01 })
    assert.equal("a", next_line())
    assert.equal(Socket.TIMEOUT, select(2, pcall(next_line)))
    sock:close()
    assert.equal("IOError", select(2, pcall(next_line)).name)
  end)

  it("refuses what is no format at once", function()
    local sock, _, _ <close> = sent("")
    assert.error_matches(function() sock:lines("x") end, "#1.*invalid format")
    assert.error_matches(function() sock:lines("l", -1) end, "#2.*negative")
  end)
end)

describe("BasicSocket:readpartial", function()
  it("gives what is there", function()
    local sock, _, _ <close> = sent("abc", true)
    assert.equal("ab", sock:readpartial(2))
    assert.equal("c", sock:readpartial(2))
    assert.equal("", sock:readpartial(0))
    assert.equal(Socket.TIMEOUT,
      select(2, sock:readpartial(2, { timeout = 0.01 })))
  end)

  it("reads no more than it gives", function()
    local sock, _, _ <close> = sent("abc")
    assert.equal("a", sock:readpartial(1))
    assert.equal("bc", sock:recv(10))
  end)

  it("refuses what is no length", function()
    local sock, _, _ <close> = sent("")
    assert.error_matches(function() sock:readpartial() end, "#1.*number")
    assert.error_matches(function() sock:readpartial(-1) end, "negative")
    assert.error_matches(function() sock:sysread({}) end, "#1")
    assert.error_matches(function() sock:read_nonblock("x") end, "#1")
  end)
end)

describe("BasicSocket:read_nonblock and sysread", function()
  it("tell what is not there", function()
    local sock, peer, _ <close> = sent("", true)
    assert.equal(Socket.WAIT_READABLE, select(2, sock:read_nonblock(5)))
    peer:write("abc")
    assert.equal("abc", sock:read_nonblock(5))
    peer:close()
    assert.equal("EOFError", select(2, sock:read_nonblock(5)).name)
    assert.equal("EOFError", select(2, sock:sysread(5)).name)
  end)

  it("keep apart from the buffer", function()
    local sock, _, _ <close> = sent("a\nb", true)
    sock:gets()
    local bytes, err = sock:sysread(5)
    assert.is_nil(bytes)
    assert.equal("sysread for buffered IO", tostring(err))
    assert.equal("recv for buffered IO", tostring(select(2, sock:recv(5))))
    assert.equal("b", sock:read_nonblock(5))
    assert.equal(Socket.WAIT_READABLE, select(2, sock:recv_nonblock(5)))
  end)
end)

describe("single bytes", function()
  it("wait as long as they may", function()
    local sock, peer, _ <close> = sent("", true)
    for _, name in ipairs({ "getc", "getbyte", "readchar", "readbyte",
      "is_eof" }) do
      assert.equal(Socket.TIMEOUT,
        select(2, sock[name](sock, { timeout = 0.01 })), name)
    end
    peer:write("ab")
    assert.is_false(sock:is_eof())
    assert.equal("a", sock:getc())
    assert.equal(98, sock:getbyte())
  end)

  it("come to functions and iterators", function()
    local sock, _, _ <close> = sent("abc")
    local list = {}
    assert.is_true(sock:each_byte(function(byte) list[#list + 1] = byte end))
    assert.same({ 97, 98, 99 }, list)
    local other, _, _ <close> = sent("ab", true)
    local next_char = other:each_char({ timeout = 0.01 })
    assert.equal("a", next_char())
    assert.equal("b", next_char())
    assert.equal(Socket.TIMEOUT, select(2, pcall(next_char)))
  end)

  it("can be put back, any number of them", function()
    local sock, _, _ <close> = sent("end")
    assert.equal("e", sock:getc())
    local many = ("x"):rep(200000)
    assert.is_true(sock:ungetc(many))
    assert.is_true(sock:ungetbyte(0x141))
    assert.equal("A" .. many .. "nd", sock:read())
    assert.error_matches(function() sock:ungetc(256) end, "256")
    assert.error_matches(function() sock:ungetc() end, "#1")
    assert.error_matches(function() sock:ungetbyte({}) end, "#1")
  end)
end)

describe("reading after close_read", function()
  it("is an error", function()
    local sock, _, _ <close> = sent("a\nb\n")
    assert.equal("a\n", sock:gets())
    assert.is_true(sock:close_read())
    assert.is_true(sock:close_read())
    for _, name in ipairs({ "gets", "read", "readline", "readlines", "getc",
      "getbyte", "readchar", "readbyte", "is_eof", "lineno" }) do
      local value, err = sock[name](sock)
      assert.is_nil(value)
      assert.equal("not opened for reading", tostring(err), name)
    end
    assert.equal("IOError", select(2, sock:readpartial(1)).name)
    assert.equal("IOError", select(2, sock:ungetc("x")).name)
    assert.equal(2, sock:write("ok"))
  end)
end)

describe("reading on a closed socket", function()
  it("is an error", function()
    local sock, _, _ <close> = sent("a\nb\n")
    sock:gets()
    sock:close()
    for _, name in ipairs({ "gets", "read", "readline", "readlines", "getc",
      "getbyte", "readchar", "readbyte", "is_eof", "lineno" }) do
      local value, err = sock[name](sock)
      assert.is_nil(value)
      assert.equal("closed stream", tostring(err), name)
    end
    assert.equal("closed stream", tostring(select(2, sock:readpartial(1))))
    assert.equal("closed stream", tostring(select(2, sock:sysread(1))))
    assert.equal("closed stream", tostring(select(2, sock:ungetc("x"))))
  end)
end)
