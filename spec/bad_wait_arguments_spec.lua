-- What waits or loops is called with arguments that it has to refuse at once.

local Socket = require "socket"
local net = require "spec.support.net"

local function ignore() end

-- What is called, its arguments, and the argument that the message names.
local CALLS = {
  { "select", "x", place = 1 },
  { "select", { "x" }, place = 1 },
  { "select", nil, { ignore }, place = 2 },
  { "select", nil, nil, nil, -1, place = 4 },
  { "select", nil, nil, nil, 0 / 0, place = 4 },
  { "sleep", -1, place = 1 },
  { "sleep", "x", place = 1 },
  { "sleep", 0 / 0, place = 1 },
  { "accept_loop", place = 1 },
  { "accept_loop", ignore, place = 1 },
  { "accept_loop", { 1 }, ignore, place = 1 },
  { "udp_server_loop_on", place = 1 },
  { "udp_server_loop_on", { 1 }, ignore, place = 1 },
  { "tcp_server_loop", place = 1 },
  { "tcp_server_loop", 0, place = 2 },
  { "tcp_server_loop", true, ignore, place = 1 },
  { "tcp_server_loop", "127.0.0.1", -1, ignore, place = 2 },
  { "tcp_server_loop", "127.0.0.1", 65536, ignore, place = 2 },
  { "tcp_server_loop", "127.0.0.1", 0, { x = 1 }, ignore, place = 3 },
  { "udp_server_loop", place = 1 },
  { "udp_server_loop", 0, place = 2 },
  { "udp_server_loop", 0, { x = 1 }, ignore, place = 2 },
  { "unix_server_loop", place = 1 },
  { "unix_server_loop", {}, ignore, place = 1 },
  { "unix_server_loop", ("x"):rep(200), ignore, place = 1 },
  { "copy_stream", place = 1 },
  { "copy_stream", 1, place = 1 },
  { "copy_stream", io.stdin, place = 2 },
  { "copy_stream", io.stdin, io.stdout, -1, place = 3 },
  { "copy_stream", io.stdin, io.stdout, 1, { x = 1 }, place = 4 },
}

local METHODS = { "wait_readable", "wait_writable", "wait_priority",
  "wait" }

local function check(place, name, ...)
  local ok, message = pcall(...)
  assert.is_false(ok, name)
  local expected = ("bad argument #%d to '[%%w.]*%s'"):format(place, name)
  assert.is_truthy(message:find(expected), message)
end

describe("a call that could wait", function()
  for i, row in ipairs(CALLS) do
    it("refuses as " .. row[1] .. ", row " .. i, function()
      check(row.place, row[1], Socket[row[1]], table.unpack(row, 2, 6))
    end)
  end

  for _, name in ipairs(METHODS) do
    it("refuses as " .. name, function()
      local a, _, _ <close> = net.pair()
      for _, value in ipairs { -1, 0 / 0, "x", { 1 }, { x = 1 }, true,
        ignore } do
        local call = load(("local sock, value = ... sock:%s(value)")
          :format(name))
        check(1, name, call, a, value)
      end
    end)
  end
end)
