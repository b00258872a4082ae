-- Taking the arguments of functions written in Lua apart.

local keywords = require "socket.keywords"

local SPEC = {
  name = "try",
  keywords = { timeout = "seconds", reuseport = "boolean" },
}

-- A public function, as far as messages are concerned.
local function try(...)
  local args, opts, fn = keywords.split(SPEC, ...)
  return args, opts, fn
end

describe("keywords.split", function()
  local function block() end

  it("takes positional arguments alone", function()
    local args, opts, fn = try("a", 2)
    assert.same({ "a", 2, n = 2 }, args)
    assert.same({}, opts)
    assert.is_nil(fn)
  end)

  it("takes a table before the function as the keywords", function()
    local args, opts, fn = try("a", { timeout = 1 }, block)
    assert.same({ "a", n = 1 }, args)
    assert.same({ timeout = 1 }, opts)
    assert.equal(block, fn)
  end)

  it("takes nil for an argument left out", function()
    local args, opts, fn = try("a", nil, nil, { timeout = 1 }, nil)
    assert.same({ "a", n = 1 }, args)
    assert.same({ timeout = 1 }, opts)
    assert.is_nil(fn)
  end)

  it("keeps a nil between arguments", function()
    local args = try(nil, 2)
    assert.same({ nil, 2, n = 2 }, args)
  end)

  it("leaves addresses and lists among the arguments", function()
    local address, list = { family = "inet" }, { "a" }
    assert.equal(address, try(address)[1])
    assert.equal(list, try(list)[1])
  end)

  it("takes numbers written as strings", function()
    local _, opts = try { timeout = "0.5" }
    assert.equal(0.5, opts.timeout)
  end)

  it("does not change the caller's table", function()
    local given = { timeout = "0.5" }
    try(given)
    assert.same({ timeout = "0.5" }, given)
  end)

  local function complaint(...)
    local ok, message = pcall(function(...)
      try(...) -- not a tail call: it is where the message points to
    end, ...)
    assert.is_false(ok)
    return message:match("^spec/socket/keywords_spec.lua:%d+: (.*)$")
  end

  it("raises for an unknown keyword", function()
    assert.equal("bad argument #2 to 'try' (unknown keyword 'timout')",
      complaint("a", { timout = 1 }))
  end)

  it("raises for a value of the wrong kind", function()
    assert.equal("bad argument #1 to 'try' (timeout must be a number, not "
      .. "boolean)", complaint { timeout = true })
    assert.equal("bad argument #1 to 'try' (timeout must not be negative or "
      .. "NaN)", complaint { timeout = -1 })
    assert.equal("bad argument #1 to 'try' (timeout must not be negative or "
      .. "NaN)", complaint { timeout = 0 / 0 })
    assert.equal("bad argument #1 to 'try' (reuseport must be a boolean, not "
      .. "number)", complaint { reuseport = 1 })
  end)
end)

describe("keywords.check_port", function()
  local function check(port)
    keywords.check_port(port, 2, "try")
  end

  it("takes integers, services and nil", function()
    for _, port in ipairs { 0, 65535, 80.0, "80", "http" } do check(port) end
    check(nil)
  end)

  it("raises for anything else", function()
    for _, port in ipairs { -1, 65536, 1.5, "65536", "-1", {}, true } do
      assert.has_error(function()
        check(port)
      end)
    end
  end)
end)

describe("keywords.check_path", function()
  local function check(path)
    keywords.check_path(path, 108, 1, "try")
  end

  it("takes what fits into an address", function()
    check(("x"):rep(108))
    check("\0abstract\0name")
    check("")
  end)

  it("raises for what does not", function()
    for _, path in ipairs { ("x"):rep(109), "a\0b", 1, {} } do
      assert.has_error(function()
        check(path)
      end)
    end
  end)
end)

describe("keywords.blame", function()
  it("names the public function and its own arguments", function()
    local ok, message = pcall(function()
      keywords.blame("new", 1, false, "bad argument #2 to '?' (why)")
    end)
    assert.is_false(ok)
    assert.matches("bad argument #1 to 'new' %(why%)$", message)
  end)

  it("hands results on", function()
    assert.same({ 1, nil, 3, n = 3 }, table.pack(
      keywords.blame("new", 1, true, 1, nil, 3)))
  end)

  it("raises other values unchanged", function()
    local value = {}
    local _, raised = pcall(keywords.blame, "new", 1, false, value)
    assert.equal(value, raised)
  end)
end)
