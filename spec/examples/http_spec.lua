-- The HTTP server, and the client on it.

local Socket = require "socket"
local build = require "spec.support.build"
local example = require "spec.support.example"
local lfs = require "lfs"
local net = require "spec.support.net"

local BIG = ("0123456789abcdef"):rep(20000)

local function write_file(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

-- A folder to serve, and a function that removes it.
local function site()
  local root = os.tmpname()
  os.remove(root)
  assert(lfs.mkdir(root))
  assert(lfs.mkdir(root .. "/folder"))
  assert(lfs.mkdir(root .. "/bare"))
  local files = {
    ["index.html"] = "<h1>Hello</h1>\n",
    ["big.bin"] = BIG,
    ["empty.txt"] = "",
    ["with space.txt"] = "space\n",
    ["folder/index.html"] = "<h1>Folder</h1>\n",
  }
  for name, text in pairs(files) do write_file(root .. "/" .. name, text) end
  return root, setmetatable({}, {
    __close = function()
      for name in pairs(files) do os.remove(root .. "/" .. name) end
      for _, name in ipairs { "/folder", "/bare", "" } do
        lfs.rmdir(root .. name)
      end
    end,
  })
end

-- Sends bytes and takes the response apart: status, fields, body.
local function exchange(host, port, request)
  return Socket.tcp(host, port, { timeout = 5 }, function(sock)
    sock:set_timeout(5)
    assert(sock:send(request, 0))
    local response = assert(sock:read())
    local status, head, body = response:match(
      "^HTTP/1%.1 (%d+) [^\r]*\r\n(.-\r\n)\r\n(.*)$")
    local fields = {}
    for name, value in (head or ""):gmatch("([^:]+): ([^\r]*)\r\n") do
      fields[name] = value
    end
    return tonumber(status), fields, body
  end)
end

local function get(target, method)
  return ("%s %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(method or "GET", target)
end

-- What is sent, what status comes back, and what else holds.
local CASES = {
  { "a page", get "/", 200, body = "<h1>Hello</h1>\n",
    type = "text/html; charset=utf-8" },
  { "a large file", get "/big.bin", 200, body = BIG,
    type = "application/octet-stream" },
  { "an empty file", get "/empty.txt", 200, body = "" },
  { "a name with an escape", get "/with%20space.txt", 200, body = "space\n" },
  { "a query", get "/index.html?a=b", 200, body = "<h1>Hello</h1>\n" },
  { "a whole URL", get "http://x/index.html", 200, body = "<h1>Hello</h1>\n" },
  { "a HEAD", get("/big.bin", "HEAD"), 200, body = "" },
  { "a folder", get "/folder/", 200, body = "<h1>Folder</h1>\n" },
  { "a folder without its slash", get "/folder?q", 301,
    location = "/folder/?q" },
  { "a folder without a page", get "/bare/", 403 },
  { "a missing file", get "/none", 404 },
  { "a missing file's HEAD", get("/none", "HEAD"), 404, body = "" },
  { "a file as a folder", get "/index.html/", 404 },
  { "a way out", get "/../secret", 403 },
  { "an escaped way out", get "/%2e%2e/secret", 403 },
  { "a way out with an escaped slash", get "/folder%2f..%2f../x", 403 },
  { "a broken escape", get "/%zz", 400 },
  { "a zero byte", get "/index.html%00.txt", 400 },
  { "no host", "GET / HTTP/1.1\r\n\r\n", 400 },
  { "HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n", 200 },
  { "no HTTP", "hello\r\n\r\n", 400 },
  { "another version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
  { "another method", get("/", "DELETE"), 405, allow = "GET, HEAD" },
  { "a request that does not end", "GET / HT", 408 },
  { "too large a head", "GET / HTTP/1.1\r\nX: " .. ("x"):rep(20000), 431 },
}

describe("examples/http_server.lua", function()
  it("answers with the right status", function()
    local root, _ <close> = site()
    local server <close>, port = example.start(15, "http_server", "--port", 0,
      "--root", root, "--timeout", 0.2, "--requests", #CASES)
    for _, case in ipairs(CASES) do
      local name, request, expected = table.unpack(case)
      local status, fields, body = exchange("127.0.0.1", port, request)
      assert.equal(expected, status, name)
      assert.equal("close", fields.Connection, name)
      if case.body then assert.is_true(case.body == body, name) end
      if not request:find("^HEAD") then
        assert.equal(tostring(#body), fields["Content-Length"], name)
      end
      assert.equal(case.type or fields["Content-Type"],
        fields["Content-Type"], name)
      assert.equal(case.location, fields.Location, name)
      assert.equal(case.allow, fields.Allow, name)
    end
    local _, ok = server:finish()
    assert.is_true(ok)
  end)

  it("serves every family, and survives a client that goes away", function()
    local root, _ <close> = site()
    local hosts = { "127.0.0.1" }
    if net.has_ipv6() then hosts[2] = "::1" end
    local server <close>, port = example.start(15, "http_server", "--port", 0,
      "--root", root, "--requests", 2 * #hosts)
    for _, host in ipairs(hosts) do
      Socket.tcp(host, port, { timeout = 5 }, function(sock)
        local reset = string.pack("ii", 1, 0) -- at close
        assert(sock:setsockopt("SOCKET", "LINGER", reset))
        assert(sock:send(get "/big.bin", 0))
      end)
      local status, _, body = exchange(host, port, get "/")
      assert.equal(200, status)
      assert.equal("<h1>Hello</h1>\n", body)
    end
    local _, ok = server:finish()
    assert.is_true(ok)
  end)
end)

describe("examples/http_get.lua", function()
  it("prints a page, and fails for a missing one", function()
    local root, _ <close> = site()
    local server <close>, port = example.start(15, "http_server", "--port", 0,
      "--root", root, "--requests", 2)
    local url = ("http://localhost:%d/"):format(port)
    local output, ok = build.run(example.command("http_get", url))
    assert.is_true(ok)
    assert.equal("HTTP/1.1 200 OK\n<h1>Hello</h1>\n", output)
    output, ok = build.run(example.command("http_get", url .. "none"))
    assert.is_false(ok)
    assert.matches("^HTTP/1.1 404 Not Found\n", output)
    assert.is_true(select(2, server:finish()))
  end)
end)
