-- The HTTP server, and the client on it.

local Socket = require "socket"
local build = require "spec.support.build"
local example = require "spec.support.example"
local lfs = require "lfs"
local net = require "spec.support.net"
local tasks = require "spec.support.tasks"

local BIG = ("0123456789abcdef"):rep(200000)
local HELLO = "<h1>Hello</h1>\n"
local CLIENTS = 50

local function write_file(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

-- A folder to serve, and a value whose closing removes it.
local function site()
  local root = os.tmpname()
  os.remove(root)
  assert(lfs.mkdir(root))
  assert(lfs.mkdir(root .. "/folder"))
  assert(lfs.mkdir(root .. "/bare"))
  local files = {
    ["index.html"] = HELLO,
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

-- Reads a response's head: status, fields
local function read_head(sock)
  local head = assert(sock:gets("\r\n\r\n"))
  local status, lines = head:match("^HTTP/1%.1 (%d+) [^\r]*\r\n(.*)\r\n$")
  local fields = {}
  for name, value in lines:gmatch("([^:\r\n]+): ([^\r]*)\r\n") do
    fields[name] = value
  end
  return tonumber(status), fields
end

-- Reads a response: status, fields, body
local function read_response(sock)
  local status, fields = read_head(sock)
  return status, fields, assert(sock:read(tonumber(fields["Content-Length"])))
end

local function get(target, method, more)
  return ("%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n"):format(method or "GET",
    target, more or "")
end

-- What is sent, what status comes back, and what else holds.
local CASES = {
  { "a page", get "/", 200, body = HELLO, type = "text/html; charset=utf-8" },
  { "a large file", get "/big.bin", 200, body = BIG,
    type = "application/octet-stream" },
  { "an empty file", get "/empty.txt", 200, body = "" },
  { "a name with an escape", get "/with%20space.txt", 200, body = "space\n" },
  { "a query", get "/index.html?a=/../b", 200, body = HELLO },
  { "a whole URL", get "http://x/index.html", 200, body = HELLO },
  { "a URL without a path", get "http://x", 200, body = HELLO },
  { "a list of wishes", get("/", "GET", "Connection: TE, close\r\n"), 200,
    connection = "close" },
  { "fields in other letters", get("/", "GET", "coNNection:  Close \r\n"), 200,
    connection = "close" },
  { "a folder", get "/folder/", 200, body = "<h1>Folder</h1>\n" },
  { "a folder without its slash", get "/folder?q", 301, location = "/folder/" },
  { "a folder that looks like a host", get "//folder", 301,
    location = "/folder/" },
  { "a folder without a page", get "/bare/", 404 },
  { "a missing file", get "/none", 404 },
  { "a name that is too long", get("/" .. ("x"):rep(5000)), 404 },
  { "a file as a folder", get "/index.html/", 404 },
  { "a way out", get "/../secret", 403 },
  { "a way out at the end", get "/folder/..", 403 },
  { "an escaped way out", get "/%2e%2e/secret", 403 },
  { "a way out with an escaped slash", get "/folder%2f..%2F../x", 403 },
  { "a way out escaped twice", get "/%252e%252e/secret", 404 },
  { "a name of dots", get "/...", 404 },
  { "a broken escape", get "/%zz", 400 },
  { "half an escape", get "/%4", 400 },
  { "a zero byte", get "/index.html%00.txt", 400 },
  { "another method", get("/", "DELETE"), 405, allow = "GET, HEAD" },
  { "no path", get "index.html", 400 },
  { "every resource", get("*", "OPTIONS"), 405, allow = "GET, HEAD" },
  { "no host", "GET / HTTP/1.1\r\n\r\n", 400, connection = "close" },
  { "no HTTP", "hello\r\n\r\n", 400, connection = "close" },
  { "another version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400,
    connection = "close" },
  { "a control character", get "/\27", 400, connection = "close" },
  { "a method in small letters", get("/", "get"), 400, connection = "close" },
  { "a field without a colon", get("/", "GET", "nothing\r\n"), 400,
    connection = "close" },
  { "a space before a colon", get("/", "GET", "Content-Length : 9\r\n"), 400,
    connection = "close" },
  { "a folded field", get("/", "GET", "X: a\r\n b\r\n"), 400,
    connection = "close" },
  { "a body", get("/", "POST", "Content-Length: 5\r\n") .. "hello", 405,
    connection = "close", allow = "GET, HEAD" },
  { "too large a head", "GET / HTTP/1.1\r\nX: " .. ("x"):rep(200000), 431,
    connection = "close" },
  { "too long a line", ("x"):rep(8192), 431, connection = "close" },
}

local function check(case, sock)
  local name, request, expected = table.unpack(case)
  assert(sock:write(request))
  local status, fields, body = read_response(sock)
  assert.equal(expected, status, name)
  assert.equal(case.connection or "keep-alive", fields.Connection, name)
  if case.body then assert.is_true(case.body == body, name) end
  assert.equal(case.type or fields["Content-Type"], fields["Content-Type"],
    name)
  assert.equal(case.location, fields.Location, name)
  assert.equal(case.allow, fields.Allow, name)
  assert.matches("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d GMT$",
    fields.Date)
  return fields.Connection == "keep-alive"
end

describe("examples/http_server.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  local server, root, port, removal

  before_each(function()
    root, removal = site()
    server, port = example.start(20, "http_server", root, 0)
  end)

  after_each(function()
    local stopped <close> = server
    local _ <close> = removal
    local output, ok = stopped:stop()
    assert.is_true(ok, output)
    assert.not_matches("traceback", output)
  end)

  it("answers with the right status, each request by its own", function()
    for _, case in ipairs(CASES) do
      local sock <close> = example.connect(port)
      local keeps = check(case, sock)
      if keeps then assert(sock:close_write()) end
      assert.equal("", sock:read(), case[1])
    end
  end)

  it("answers many requests of a connection", function()
    local sock = example.connect(port)
    for _, case in ipairs(CASES) do
      if not check(case, sock) then
        sock:close()
        sock = example.connect(port)
      end
    end
    sock:close()
  end)

  it("answers requests that come at once, in their order", function()
    local sock <close> = example.connect(port)
    assert(sock:write(get "/", get "/none", get("/big.bin", "HEAD"),
      get "/big.bin", get("/", "GET", "Connection: close\r\n"), get "/none"))
    assert.equal(HELLO, select(3, read_response(sock)))
    assert.equal(404, (read_response(sock)))
    local status, fields = read_head(sock)
    assert.equal(200, status)
    assert.equal(tostring(#BIG), fields["Content-Length"])
    assert.is_true(BIG == select(3, read_response(sock)))
    assert.equal(HELLO, select(3, read_response(sock)))
    assert.equal("", sock:read())
  end)

  it("sends heads alone, like those with a body", function()
    for _, target in ipairs { "/", "/none", "/folder", "/%zz" } do
      local sock <close> = example.connect(port)
      assert(sock:write(get(target), get(target, "HEAD")))
      local status, fields = read_response(sock)
      local head_status, head_fields = read_head(sock)
      fields.Date, head_fields.Date = nil, nil
      assert.equal(status, head_status)
      assert.same(fields, head_fields)
      sock:close_write()
      assert.equal("", sock:read())
    end
  end)

  it("takes requests that come a byte at a time", function()
    local sock <close> = example.connect(port)
    sock:setsockopt("TCP", "NODELAY", true)
    for byte in get("/"):gmatch "." do
      assert(sock:write(byte))
    end
    assert.equal(HELLO, select(3, read_response(sock)))
  end)

  it("ends an HTTP/1.0 connection unless asked not to", function()
    local sock <close> = example.connect(port)
    assert(sock:write("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"))
    assert.equal("keep-alive", select(2, read_response(sock)).Connection)
    assert(sock:write("GET / HTTP/1.0\r\n\r\n"))
    assert.equal("close", select(2, read_response(sock)).Connection)
    assert.equal("", sock:read())
  end)

  it("serves many at a time, on every family", function()
    local hosts = { "127.0.0.1" }
    if net.has_ipv6() then hosts[2] = "::1" end
    tasks.run(function()
      for i = 1, CLIENTS do
        Socket.schedule(function()
          local sock <close> = example.connect(port, hosts[i % #hosts + 1])
          for _ = 1, 3 do
            assert(sock:write(get "/", get "/big.bin"))
            assert.equal(HELLO, select(3, read_response(sock)))
            assert.is_true(BIG == select(3, read_response(sock)))
          end
        end)
      end
    end)
  end)

  it("survives clients that go away", function()
    for _, request in ipairs { "", "GET / HT", get "/", get "/big.bin" } do
      local sock = example.connect(port)
      assert(sock:write(request))
      example.reset(sock)
      sock = example.connect(port)
      assert(sock:write(request))
      sock:close()
    end
    local sock <close> = example.connect(port)
    assert(sock:write(get "/"))
    assert.equal(200, (read_response(sock)))
  end)

  it("is understood by curl", function()
    if not os.execute("command -v curl >/dev/null") then
      pending "needs curl"
      return
    end
    local url = ("http://127.0.0.1:%d/"):format(port)
    local output = build.run(("curl -sS --noproxy '*' -w '%%{num_connects}\n' "
      .. "%s %sfolder/ --next -sS -I %snone"):format(url, url, url))
    assert.matches("^" .. HELLO .. "1\n<h1>Folder</h1>\n0\nHTTP/1.1 404 ",
      output)
  end)
end)

describe("examples/http_server.lua's connections", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  it("end with slow and silent clients", function()
    local root, _ <close> = site()
    local server <close>, port = example.start(15, "http_server", root, 0,
      "127.0.0.1", 0.2)
    local silent <close> = example.connect(port)
    local idle <close> = example.connect(port)
    assert(idle:write(get "/"))
    assert.equal(200, (read_response(idle)))
    local slow <close> = example.connect(port)
    assert(slow:write("GET / HTTP/1.1\r\nHost"))
    assert.equal(408, (read_response(slow)))
    local deaf <close> = example.connect(port)
    for _ = 1, 20 do assert(deaf:write(get "/big.bin")) end
    assert.equal("big.bin\t200\tcut off",
      server:await "(big.bin\t200\tcut off)")
    assert.equal("", idle:read())
    assert.equal("", silent:read())
    deaf:close()
    slow:close()
    assert.is_true(select(2, server:stop()))
  end)

  it("end at SIGTERM, after an answer", function()
    local root, _ <close> = site()
    local server <close>, port = example.start(15, "http_server", root, 0)
    local sock <close> = example.connect(port)
    assert(sock:write(get "/"))
    assert.equal("keep-alive", select(2, read_response(sock)).Connection)
    server:signal "TERM"
    while Socket.tcp("127.0.0.1", port, function() return true end) do
      Socket.sleep(0.001)
    end
    assert(sock:write(get "/"))
    assert.equal("close", select(2, read_response(sock)).Connection)
    assert.equal("", sock:read())
    sock:close()
    assert.is_true(select(2, server:finish()))
  end)

  it("do not begin with wrong arguments", function()
    local output, ok = example.run("http_server", ".", 0, "127.0.0.1", "soon")
    assert.is_false(ok)
    assert.matches("SECONDS are not a number", output)
    output, ok = example.run("http_server", ".", "70000")
    assert.is_false(ok)
    assert.matches("port 70000 is not an integer", output)
  end)
end)

describe("examples/http_get.lua", function()
  if not example.program then
    pending "needs `make sockeye`"
    return
  end

  it("prints a page, and fails for a missing one", function()
    local root, _ <close> = site()
    local server <close>, port = example.start(15, "http_server", root, 0)
    local url = ("http://localhost:%d/"):format(port)
    local output, ok = example.run("http_get", url)
    assert.is_true(ok)
    assert.equal("HTTP/1.1 200 OK\n" .. HELLO, output)
    output, ok = example.run("http_get", url .. "none")
    assert.is_false(ok)
    assert.matches("^HTTP/1.1 404 Not Found\n", output)
    assert.is_true(select(2, server:stop()))
  end)
end)
