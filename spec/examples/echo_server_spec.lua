local Socket = require "socket"
local example = require "spec.support.example"

describe("examples/echo_server.lua", function()
  it("sends back what it gets, one client after the other", function()
    local server <close>, port = example.start(10, "echo_server", 0, 2)
    for _, text in ipairs { "hello\n", ("x"):rep(100000) } do
      Socket.tcp("127.0.0.1", port, { timeout = 5 }, function(sock)
        sock:set_timeout(5)
        local got = {}
        for i = 1, #text, 10000 do
          local piece = text:sub(i, i + 9999)
          assert(sock:send(piece, 0))
          got[#got + 1] = assert(sock:read(#piece))
        end
        sock:close_write()
        assert.equal(text, table.concat(got))
        assert.equal("", sock:read())
      end)
    end
    local _, ok = server:finish()
    assert.is_true(ok)
  end)
end)
