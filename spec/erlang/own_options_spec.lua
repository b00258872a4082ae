-- The level "otp": what few sockets have, and what it does.

local Socket = require "socket"
local net = require "spec.support.net"

local function set(sock, name, value)
  sock:setopt("otp", name, value) -- no tail call, which would hide the method
end

describe("the option of one's own", function()
  describe("rcvbuf", function()
    it("bounds what a stream gives without a length", function()
      local a, b, _ <close> = net.pair()
      assert(a:write(("x"):rep(1000)))
      assert.is_true(b:setopt("otp", "rcvbuf", 10))
      assert.equal(10, #b:recv())
      assert.equal(10, #b:recv(nil, "PEEK"))
      assert.equal(10, #b:recvmsg())
      assert.equal(20, #b:recv(20))
      assert.is_true(b:setopt("otp", "rcvbuf", { reads = 3, size = 50 }))
      assert.same({ reads = 3, size = 50 }, b:getopt("otp", "rcvbuf"))
      assert.equal(150, #b:recv())
      assert.is_true(b:setopt("otp", "rcvbuf", { 2, 10 }))
      assert.equal(20, #b:recv_nonblock())
      assert.is_true(b:setopt("otp", "rcvbuf", "default"))
      assert.equal(65536, b:getopt("otp", "rcvbuf"))
      assert.equal(790, #b:recv())
    end)

    it("holds after a wait", function()
      local a, b, _ <close> = net.pair()
      assert.is_true(b:setopt("otp", "rcvbuf", 3))
      local got
      Socket.run(function()
        Socket.schedule(function() got = b:recv() end)
        Socket.sleep(0)
        assert(a:write "hello")
      end)
      assert.equal("hel", got)
    end)

    it("leaves datagrams whole", function()
      local a, b, _ <close> = net.udp_pair()
      assert.is_true(b:setopt("otp", "rcvbuf", 3))
      assert(a:send "hello")
      assert.equal("hello", (b:recv()))
    end)
  end)

  describe("rcvctrlbuf", function()
    it("bounds the control messages of a recvmsg", function()
      local a, b, _ <close> = net.udp_pair()
      assert.is_true(b:setopt("ip", "recvttl", true))
      assert(a:send "one")
      assert(a:send "two")
      assert.is_not_nil((select(4, b:recvmsg())))
      assert.is_true(b:setopt("otp", "rcvctrlbuf", 1))
      local _, _, flags, control = b:recvmsg()
      assert.is_nil(control)
      assert.is_true(flags & Socket.MSG_CTRUNC ~= 0)
    end)
  end)

  describe("controlling_process", function()
    it("keeps any value", function()
      local sock <close> = assert(Socket.new("INET", "STREAM"))
      assert.is_nil(sock:getopt("otp", "controlling_process"))
      for _, owner in ipairs { "me", 1, { "table" } } do
        assert.is_true(sock:setopt("otp", "controlling_process", owner))
        assert.equal(owner, sock:getopt("otp", "controlling_process"))
      end
      assert.is_true(sock:setopt("otp", "controlling_process", nil))
      assert.is_nil(sock:getopt("otp", "controlling_process"))
    end)

    it("can be changed only by the task that has it, while it lives", function()
      local sock <close> = assert(Socket.new("INET", "STREAM"))
      local results = {}
      local function take(who)
        results[#results + 1] = select(3,
          sock:setopt("otp", "controlling_process", who)) or "done"
      end
      Socket.run(function()
        local owner
        owner = Socket.schedule(function()
          Socket.sleep(0)
          take(owner)
        end)
        take(owner)
        take "another"
        owner:join()
        take "another"
      end)
      assert.same({ "done", Socket.Errno.EPERM, "done", "done" }, results)
      assert.equal("another", sock:getopt("otp", "controlling_process"))
    end)
  end)

  it("holds values for as long as the socket is there", function()
    local strong = { sock = assert(Socket.new("INET", "STREAM")) }
    strong.meta = { strong.sock } -- it leads back to the socket
    local weak = setmetatable({ strong.meta }, { __mode = "v" })
    assert.is_true(strong.sock:setopt("otp", "meta", strong.meta))
    strong.meta = nil
    collectgarbage()
    assert.equal(strong.sock, strong.sock:getopt("otp", "meta")[1])
    strong.sock:close()
    strong.sock = nil
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak[1])
  end)

  it("refuses other values", function()
    local sock <close> = assert(Socket.new("INET", "STREAM"))
    local function refused(name, value, why)
      local ok, message = pcall(set, sock, name, value)
      assert.is_false(ok)
      assert.matches("#3 to 'setopt' %(" .. why, message)
    end
    local size = "value must be \"default\" or an integer above 0"
    refused("rcvbuf", 0, size)
    refused("rcvbuf", "big", size)
    refused("rcvbuf", nil, size)
    refused("rcvctrlbuf", -1, size)
    refused("sndctrlbuf", {}, size)
    refused("rcvbuf", {}, "reads and size must be integers above 0")
    refused("rcvbuf", { 1, 0 }, "reads and size must be integers above 0")
    refused("rcvbuf", { reads = 1 }, "reads and size must be integers above 0")
    refused("debug", 1, "value must be a boolean")
    refused("iow", nil, "value must be a boolean")
  end)
end)
