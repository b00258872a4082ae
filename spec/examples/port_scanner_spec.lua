local example = require "spec.support.example"
local net = require "spec.support.net"

describe("examples/port_scanner.lua", function()
  it("tells which ports are open", function()
    local one <close>, _, open = net.listener()
    local other <close>, _, also_open = net.listener()
    local closed, keeper = net.closed_port()
    local _ <close> = keeper
    local output, ok = example.run("port_scanner", "127.0.0.1", open, closed,
      also_open)
    assert.is_true(ok, output)
    assert.matches("\n" .. open .. "[\t\n]", "\n" .. output)
    assert.matches("\n" .. also_open .. "[\t\n]", "\n" .. output)
    assert.not_matches("\n" .. closed .. "[\t\n]", "\n" .. output)
    assert.matches("127%.0%.0%.1: 1 closed, 2 open\n$", output)
    one:close()
    other:close()
  end)

  it("tries a host's ports many at a time", function()
    local server <close>, _, port = net.listener("127.0.0.1", 512)
    local output, ok = example.run("port_scanner", "localhost",
      "1-5000", port)
    assert.is_true(ok, output)
    assert.matches("\n" .. port .. "[\t\n]", "\n" .. output)
    local total = 0
    for count in output:match("[^\n]*\n$"):gmatch(" (%d+) %l") do
      total = total + count
    end
    assert.equal(5001, total)
    server:close()
  end)

  it("counts ports that do not answer", function()
    local _, _, port, server <close> = net.full_listener()
    local output = example.run("port_scanner", "127.0.0.1", port)
    assert.matches("^127%.0%.0%.1: 1 silent\n$", output)
    server[1]:close()
  end)

  it("shows its progress when asked to, or at a terminal", function()
    local port, keeper = net.closed_port()
    local _ <close> = keeper
    local output = example.run("port_scanner", "127.0.0.1", port)
    assert.not_matches("\r", output)
    output = example.run("port_scanner", "--progress", "127.0.0.1", port)
    assert.matches("\r1 of 1 ports, 0 open\n", output)
  end)

  for what, arguments in pairs {
    ["no host"] = {},
    ["no host after an option"] = { "--progress" },
    ["a word for ports"] = { "127.0.0.1", "http" },
    ["port 0"] = { "127.0.0.1", "0" },
    ["too large a port"] = { "127.0.0.1", "1-65536" },
    ["an endless number"] = { "127.0.0.1", ("9"):rep(40) },
    ["a backward range"] = { "127.0.0.1", "9-8" },
    ["an open range"] = { "127.0.0.1", "9-" },
  } do
    it("refuses " .. what, function()
      local output, _, status = example.run("port_scanner",
        table.unpack(arguments))
      assert.equal(2, status)
      assert.matches("^%l+.*: ", output)
    end)
  end

  it("says that a host is unknown", function()
    local output, _, status = example.run("port_scanner", ("x"):rep(300))
    assert.equal(1, status)
    assert.matches("^x+: ", output)
  end)
end)
