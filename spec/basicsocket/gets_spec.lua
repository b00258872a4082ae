-- Lines: gets, readline, readlines, each_line, and what bounds them. What each
-- gives for which bytes is in stream_vectors_spec.

local Socket = require "socket"
local net = require "spec.support.net"

describe("BasicSocket:gets", function()
  it("reads a line whose parts come one after another", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("one ")
    assert.equal(Socket.TIMEOUT, select(2, sock:gets({ timeout = 0.01 })))
    peer:send("line\nnext")
    assert.equal("one line\n", sock:gets())
  end)

  it("consumes nothing past the deadline", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("part")
    assert.same({ nil, Socket.TIMEOUT }, { sock:gets({ timeout = 0.01 }) })
    assert.same({ nil, Socket.TIMEOUT },
      { sock:gets("", { timeout = 0.01 }) })
    assert.same({ nil, Socket.TIMEOUT },
      { sock:gets(false, { timeout = 0.01 }) })
    assert.equal("part", sock:readpartial(10))
  end)

  it("does not wait with a timeout of 0", function()
    local peer, sock, _ <close> = net.pair()
    local line, err, errno = sock:gets({ timeout = 0 })
    assert.is_nil(line)
    assert.equal(Socket.WAIT_READABLE, err)
    assert.equal(Socket.Errno.EAGAIN, errno)
    peer:send("x\n")
    assert.equal("x\n", sock:gets({ timeout = 0 }))
  end)

  it("takes the socket's timeout", function()
    local _, sock, _ <close> = net.pair()
    sock:set_timeout(0.01)
    assert.equal(Socket.TIMEOUT, select(2, sock:gets()))
  end)

  it("reads a line longer than any buffer", function()
    local client, server, _ <close> = net.tcp_pair()
    local line = ("x"):rep(300000)
    for i = 1, #line, 30000 do
      assert(client:send(line:sub(i, i + 29999)))
      assert.is_nil((server:gets({ timeout = 0.001 })))
    end
    client:send("\ny\n")
    assert.equal(line .. "\n", server:gets())
    assert.equal("y\n", server:gets())
  end)

  it("gives exactly one nil at the end of the stream", function()
    local peer, sock, _ <close> = net.pair()
    peer:close()
    assert.equal(1, select("#", sock:gets()))
    assert.is_nil((sock:gets()))
  end)

  it("reads a paragraph without waiting for what follows it", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("head\n\n")
    assert.equal("head\n\n", sock:gets("", { timeout = 0 }))
    peer:send("\n\nbody\n")
    assert.equal("b", sock:getc())
    assert.equal("ody\n", sock:gets())
  end)

  it("keeps newlines that were put back after a paragraph", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("head\n\n")
    sock:gets("")
    sock:ungetc("\n")
    peer:send("\nbody")
    peer:close()
    assert.equal("\nbody", sock:read())
  end)

  it("drops newlines without end before a paragraph", function()
    local peer, sock, _ <close> = net.tcp_pair()
    for _ = 1, 20 do
      peer:send(("\n"):rep(10000))
      assert.is_nil((sock:gets("", 10, { timeout = 0 })))
    end
    peer:send("x\n\n")
    assert.equal("x\n\n", sock:gets("", 10))
  end)

  it("is an error on a closed socket", function()
    local _, sock, _ <close> = net.pair()
    sock:close()
    local line, err = sock:gets()
    assert.is_nil(line)
    assert.equal("IOError", err.name)
    assert.equal("closed stream", tostring(err))
  end)

  it("refuses what is no separator, limit or keyword", function()
    local _, sock, _ <close> = net.pair()
    assert.error_matches(function() sock:gets(true) end, "#1.*string")
    assert.error_matches(function() sock:gets("x", "y") end, "#2.*number")
    assert.error_matches(function() sock:gets("x", 1.5) end, "#2.*integer")
    assert.error_matches(function() sock:gets({ chop = true }) end, "'chop'")
    assert.error_matches(function() sock:gets({ timeout = -1 }) end, "timeout")
    assert.error_matches(function() sock:gets({ timeout = 0 / 0 }) end, "NaN")
    assert.error_matches(function() sock.gets(io.stdout) end, "socket expected")
  end)
end)

describe("BasicSocket:set_line_limit", function()
  it("makes a longer line an error that leaves its bytes", function()
    local peer, sock, _ <close> = net.pair()
    assert.is_true(sock:set_line_limit(5))
    assert.equal(5, sock:line_limit())
    peer:send("1234\n12345\n")
    assert.equal("1234\n", sock:gets())
    for _, read in ipairs({ "gets", "readline", "readlines", "read" }) do
      if read == "readlines" then peer:close() end
      local format = read == "read" and "l" or nil
      local line, err = sock[read](sock, format)
      assert.is_nil(line)
      assert.equal("IOError", err.name)
      assert.equal("line longer than 5 bytes", tostring(err))
    end
    assert.equal("12345\n", sock:gets("\n", 10))
  end)

  it("does not wait for the end of a line that is too long", function()
    local peer, sock, _ <close> = net.pair()
    sock:set_line_limit(5)
    peer:send("12345")
    assert.equal(Socket.WAIT_READABLE, select(2, sock:gets({ timeout = 0 })))
    peer:send("6")
    assert.equal("IOError", select(2, sock:gets({ timeout = 0 })).name)
    assert.equal("123456", sock:readpartial(10))
  end)

  it("allows a last line without an end", function()
    local peer, sock, _ <close> = net.pair()
    sock:set_line_limit(5)
    peer:send("12345")
    peer:close()
    assert.equal("12345", sock:gets())
  end)

  it("does not bound what is no line", function()
    local peer, sock, _ <close> = net.pair()
    sock:set_line_limit(2)
    peer:send("12345")
    peer:close()
    assert.equal("12345", sock:gets(false))
    sock:set_line_limit(nil)
    assert.is_nil(sock:line_limit())
  end)

  it("refuses what is no length", function()
    local _, sock, _ <close> = net.pair()
    assert.error_matches(function() sock:set_line_limit(0) end, "positive")
    assert.error_matches(function() sock:set_line_limit(-1) end, "negative")
    assert.error_matches(function() sock:set_line_limit("x") end, "number")
  end)
end)

describe("a connection that is reset", function()
  -- A TCP connection whose peer sent these bytes and then a reset.
  local function reset_after(bytes)
    local client, server = net.tcp_pair()
    assert(client:setsockopt("SOCKET", "LINGER",
      string.pack("i4i4", 1, 0)))
    assert(client:send(bytes))
    return server, client
  end

  it("cuts no line: the error stays, and so do the bytes", function()
    local server, client = reset_after("whole\npart")
    local sock <close> = server
    assert.equal("whole\n", sock:gets())
    client:close()
    for _ = 1, 2 do
      local line, err, errno = sock:gets()
      assert.is_nil(line)
      assert.equal("ECONNRESET", err.name)
      assert.equal("Connection reset by peer - recv(2)", tostring(err))
      assert.equal(Socket.Errno.ECONNRESET, errno)
    end
    assert.equal("ECONNRESET", select(2, sock:read(2)).name)
    assert.equal("ECONNRESET", select(2, sock:read()).name)
    assert.equal("ECONNRESET", select(2, sock:read("l")).name)
    assert.equal("ECONNRESET", select(2, sock:readlines()).name)
    assert.equal("p", sock:getc())
    assert.equal(("a"):byte(), sock:readbyte())
    assert.is_false(sock:is_eof())
    assert.equal("rt", sock:readpartial(10))
    assert.equal("ECONNRESET", select(2, sock:readpartial(10)).name)
    assert.equal("ECONNRESET", select(2, sock:read_nonblock(10)).name)
    assert.equal("ECONNRESET", select(2, sock:getc()).name)
    assert.equal("ECONNRESET", select(2, sock:is_eof()).name)
  end)

  it("is raised by iterators, with the lines before it given", function()
    local server, client = reset_after("a\nb\npart")
    local sock <close> = server
    local lines = {}
    local ok, err = pcall(function()
      for line in sock:lines() do
        lines[#lines + 1] = line
        if #lines == 2 then client:close() end
      end
    end)
    assert.is_false(ok)
    assert.equal("ECONNRESET", err.name)
    assert.same({ "a", "b" }, lines)
  end)
end)

describe("BasicSocket:readline", function()
  it("gives an error at the end of the stream", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("last")
    peer:close()
    assert.equal("last", sock:readline())
    local line, err = sock:readline()
    assert.is_nil(line)
    assert.equal("EOFError", err.name)
  end)
end)

describe("BasicSocket:readlines", function()
  it("takes nothing where it fails midway", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("a\nb\nc")
    assert.equal(Socket.TIMEOUT, select(2, sock:readlines({ timeout = 0.01 })))
    assert.equal(0, sock:lineno())
    peer:close()
    assert.same({ "a", "b", "c" }, sock:readlines({ chomp = true }))
    assert.equal(3, sock:lineno())
  end)

  it("refuses a limit of 0", function()
    local _, sock, _ <close> = net.pair()
    assert.error_matches(function() sock:readlines(0) end, "invalid limit: 0")
    assert.error_matches(function() sock:each_line("x", 0) end,
      "invalid limit: 0 for each_line")
  end)
end)

describe("BasicSocket:each_line", function()
  it("calls a function, which may yield and raise", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("a\nb\nc\n")
    peer:close()
    local task = coroutine.wrap(function()
      return sock:each_line({ chomp = true }, coroutine.yield)
    end)
    assert.equal("a", task())
    assert.equal("b", task())
    assert.equal("c", task())
    assert.is_true(task())
    sock:ungetc("d\n")
    assert.error_matches(function() sock:each_line(error) end, "^d\n$")
  end)

  it("returns a failure to who gave a function", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("a\nb")
    local lines = {}
    local ok, err = sock:each_line({ timeout = 0.01 }, function(line)
      lines[#lines + 1] = line
    end)
    assert.is_nil(ok)
    assert.equal(Socket.TIMEOUT, err)
    assert.same({ "a\n" }, lines)
    assert.equal("b", sock:readpartial(10))
  end)

  it("raises a failure to who iterates", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("a\nb")
    local next_line = sock:each_line({ timeout = 0.01 })
    assert.equal("a\n", next_line())
    local ok, err = pcall(next_line)
    assert.is_false(ok)
    assert.equal(Socket.TIMEOUT, err)
  end)

  it("takes separator, limit and keywords before the function", function()
    local peer, sock, _ <close> = net.pair()
    peer:send("aaxbx")
    peer:close()
    local lines = {}
    assert.is_true(sock:each_line("x", 2, { chomp = true }, function(line)
      lines[#lines + 1] = line
    end))
    assert.same({ "aa", "", "b" }, lines)
    assert.error_matches(function() sock:each_line({ tmo = 1 }, print) end,
      "'tmo'")
  end)
end)
