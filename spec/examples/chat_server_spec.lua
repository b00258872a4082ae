local Socket = require "socket"
local example = require "spec.support.example"
local tasks = require "spec.support.tasks"

local CLIENTS = 50

-- Enters with a name, and reads up to the line that tells of it: the socket,
-- and who is there.
local function enter(port, name)
  local sock = example.connect(port)
  assert.equal("Your name? ", sock:read(11))
  assert(sock:puts(name))
  local there = assert(sock:gets { chomp = true })
  return sock, there:match("^%* " .. name .. " has come: (.*)$")
end

local function expect(sock, line)
  assert.equal(line .. "\n", sock:gets())
end

describe("examples/chat_server.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  it("tells all what one says, and who comes and leaves", function()
    local server <close>, port = example.start(15, "chat_server", 0)
    local ann <close>, alone = enter(port, "Ann")
    assert.equal("Ann", alone)
    local bob <close>, both = enter(port, "Bob")
    assert.equal("Ann Bob", both)
    expect(ann, "* Bob has come: Ann Bob")
    assert(bob:write("hello\r\nhow are", " you?\n"))
    for _, sock in ipairs { ann, bob } do
      expect(sock, "Bob: hello")
      expect(sock, "Bob: how are you?")
    end
    bob:close()
    expect(ann, "* Bob has left")
    ann:close()
    assert.is_true(select(2, server:stop()))
  end)

  it("asks until the name is one, and free", function()
    local server <close>, port = example.start(15, "chat_server", 0)
    local ann <close> = enter(port, "Ann")
    local sock <close> = example.connect(port)
    assert(sock:write("Ann\n\n", ("x"):rep(30), "\na b\n50%s\nEve\n"))
    assert.equal("Your name? ", sock:read(11))
    expect(sock, "There is a Ann already.")
    for _ = 1, 4 do
      assert.equal("Your name? ", sock:read(11))
      assert.matches("^A name is", sock:gets())
    end
    assert.equal("Your name? ", sock:read(11))
    expect(sock, "* Eve has come: Ann Eve")
    expect(ann, "* Eve has come: Ann Eve")
    example.reset(sock)
    expect(ann, "* Eve has left")
    local again <close> = enter(port, "Eve")
    again:close()
    ann:close()
    assert.is_true(select(2, server:stop()))
  end)

  it("tells one that has ended its side what is still to be told", function()
    local server <close>, port = example.start(15, "chat_server", 0)
    local ann <close> = example.connect(port)
    assert(ann:write("Ann\nhello\nno end of line"))
    ann:close_write()
    assert.equal("Your name? * Ann has come: Ann\nAnn: hello\n"
      .. "Ann: no end of line\n", ann:read())
    assert.is_true(select(2, server:stop()))
  end)

  it("takes out control characters, and cuts long lines", function()
    local server <close>, port = example.start(15, "chat_server", 0)
    local ann <close> = enter(port, "Ann")
    assert(ann:write("\27[2Jred\0\a %d\n", ("x"):rep(1500), "\n"))
    expect(ann, "Ann: [2Jred %d")
    expect(ann, "Ann: " .. ("x"):rep(1000))
    expect(ann, "Ann: " .. ("x"):rep(500))
    ann:close()
    assert.is_true(select(2, server:stop()))
  end)

  it("is not held up by one that does not read", function()
    local server <close>, port = example.start(20, "chat_server", 0)
    local ann <close> = enter(port, "Ann")
    local deaf <close> = enter(port, "Deaf")
    expect(ann, "* Deaf has come: Ann Deaf")
    local text = ("x"):rep(990)
    local left, said = false, 0
    while not left do
      for _ = 1, 100 do
        assert(ann:puts(text))
      end
      for _ = 1, 100 do
        local line = assert(ann:gets { chomp = true })
        if line == "* Deaf has left" then
          left = true
          line = ann:gets { chomp = true }
        end
        assert.is_true(line == "Ann: " .. text)
        said = said + 1
      end
      assert.is_true(said < 100000, "it is not put out")
    end
    deaf:close()
    ann:close()
    assert.is_true(select(2, server:stop()))
  end)

  it("serves many at a time", function()
    local server <close>, port = example.start(15, "chat_server", 0)
    local silent <close> = example.connect(port)
    tasks.run(function()
      local list = {}
      for i = 1, CLIENTS do
        list[i] = Socket.schedule(enter, port, "client" .. i)
      end
      local socks <close> = setmetatable({}, {
        __close = function(all)
          for _, sock in ipairs(all) do sock:close() end
        end,
      })
      for i, task in ipairs(list) do socks[i] = tasks.result(task) end
      for i, sock in ipairs(socks) do
        list[i] = Socket.schedule(function()
          assert(sock:puts("I am " .. i))
          local seen = 0
          while seen < CLIENTS do
            if assert(sock:gets()):find(": I am ") then seen = seen + 1 end
          end
        end)
      end
      for _, task in ipairs(list) do tasks.result(task) end
    end)
    silent:close()
    assert.is_true(select(2, server:stop()))
  end)
end)
