-- Which sockets there are: choosing among them, and a table for people.

local classes = require "socket.class"
local keywords = require "socket.keywords"
local native = require "socket.native"

local limits, sockets = native.registry.limits, native.registry.sockets

local BasicSocket, Socket = classes.BasicSocket, classes.Socket

local info_of = native.BasicSocket.info

-- Names that choose -> the field of the info that they are about.
local FILTERS = {
  inet = "domain", inet6 = "domain", ["local"] = "domain", vsock = "domain",
  packet = "domain", netlink = "domain",
  stream = "type", dgram = "type", seqpacket = "type", raw = "type",
  rdm = "type",
  tcp = "protocol", udp = "protocol", sctp = "protocol", icmp = "protocol",
  mptcp = "protocol",
}

local PREFIXES = { "^af_", "^pf_", "^sock_", "^ipproto_" }

-- "AF_INET" and the like as the info has it.
local function plain_name(name)
  name = name:lower()
  for _, prefix in ipairs(PREFIXES) do
    name = name:gsub(prefix, "")
  end
  return name == "unix" and "local" or name
end

-- The function that a filter stands for; nil for an unknown name.
local function chooser(filter)
  if filter == nil then return function() return true end end
  if type(filter) == "function" then return filter end
  if type(filter) ~= "string" then
    return function(info) return info.owner == filter end
  end
  local name = plain_name(filter)
  local field = FILTERS[name]
  return field and function(info) return info[field] == name end
end

-- The listed sockets for which the function gives a true value.
local function choose(fn)
  local list = {}
  for _, sock in ipairs(sockets()) do
    if not sock:is_closed() and fn(info_of(sock), sock) then
      list[#list + 1] = sock
    end
  end
  return list
end

--- The open sockets that are listed. Answers to Erlang's
-- `socket:which_sockets`.
-- @function Socket.which_sockets
-- @param[opt] filter the name of a domain, a type or a protocol, such as
-- `"inet"`, `"local"`, `"stream"`, `"tcp"`; a function, which is called with
-- each socket's `info` and the socket, and gives whether to take it; any other
-- value is the owner's
-- @treturn table a list
function Socket.which_sockets(filter)
  local fn = chooser(filter)
  if not fn then
    keywords.complain(1, "which_sockets", ("unknown filter '%s'")
      :format(filter))
  end
  return choose(fn)
end

-- Domain, type and protocol -> counters of the library's info.
local COUNTED = {
  domain = { inet = "num_dinet", inet6 = "num_dinet6",
    ["local"] = "num_dlocal" },
  type = { stream = "num_tstreams", dgram = "num_tdgrams",
    seqpacket = "num_tseqpkgs" },
  protocol = { default = "num_pip", sctp = "num_psctp", tcp = "num_ptcp",
    udp = "num_pudp" },
}

local function count_all()
  local counters = { num_cnt_bits = 32, num_sockets = Socket.number_of() }
  for _, names in pairs(COUNTED) do
    for _, name in pairs(names) do counters[name] = 0 end
  end
  for _, sock in ipairs(sockets()) do
    local info = info_of(sock)
    for field, names in pairs(COUNTED) do
      local name = names[info[field]]
      if name then counters[name] = counters[name] + 1 end
    end
  end
  return counters
end

--- Tells what is known of the library: `counters` of the sockets that are
-- listed by their domain (`num_dinet`, `num_dinet6`, `num_dlocal`), type
-- (`num_tstreams`, `num_tdgrams`, `num_tseqpkgs`) and protocol (`num_ptcp`,
-- `num_pudp`, `num_psctp`, `num_pip` for the rest), in all (`num_sockets`), and
-- how many bits the counters of a socket's calls have (`num_cnt_bits`);
-- `iov_max`, the most pieces that one system call sends; `use_registry`;
-- `io_backend`, whose `name` is `"epoll"` or `"poll"`. Answers to Erlang's
-- `socket:info/0`.
-- @function Socket.info
-- @treturn table what is known
local function library_info()
  local iov_max, poller = limits()
  return {
    counters = count_all(),
    io_backend = { name = poller },
    iov_max = iov_max,
    use_registry = Socket.use_registry(),
  }
end

-- As a class's function it is about the library, as a method about the socket.
function BasicSocket.info(...)
  if select("#", ...) == 0 then return library_info() end
  keywords.check_socket((...), "info")
  return info_of(...)
end

local SHORT_STATES = {
  accepting = "AG", bound = "BD", closed = "C", connected = "CD",
  listening = "LG", selected = "SD",
}

local function short_states(names)
  if #names == 0 then return "-" end
  local list = {}
  for i, name in ipairs(names) do
    list[i] = SHORT_STATES[name] or name
  end
  return table.concat(list, ":")
end

-- The fields of an address without a usual text: "groups=0 pid=7".
local function fields_text(address)
  local list = {}
  for name, value in pairs(address) do
    if name ~= "family" then list[#list + 1] = name .. "=" .. value end
  end
  table.sort(list)
  return table.concat(list, " ")
end

-- An address as people write it; empty where there is none.
local function address_text(address)
  if not address then return "" end
  if address.family == "local" then
    return (address.path:gsub("^\0", "@"):gsub("%c", "?")) -- abstract: @name
  end
  if address.family == "inet" then
    return ("%s:%d"):format(address.addr, address.port)
  end
  if address.family == "inet6" then
    return ("[%s]:%d"):format(address.addr, address.port)
  end
  return fields_text(address)
end

-- Each column's heading, and its text for a socket.
local COLUMNS = {
  domain = { "Domain", function(info) return info.domain end },
  type = { "Type", function(info) return tostring(info.type):upper() end },
  protocol = { "Protocol", function(info)
    return tostring(info.protocol):upper()
  end },
  fd = { "Fd", function(_, sock) return sock:fileno() end },
  owner = { "Owner", function(info) return info.owner or "" end },
  local_address = { "Local Address", function(_, sock)
    return address_text(sock:sockname())
  end },
  remote_address = { "Remote Address", function(_, sock)
    return address_text(sock:peername())
  end },
  recv = { "Recv", function(info) return info.counters.read_byte end },
  sent = { "Sent", function(info)
    return info.counters.write_byte + info.counters.sendfile_byte
  end },
  state = { "State", function(info)
    return short_states(info.rstates) .. ", " .. short_states(info.wstates)
  end },
}

local USUAL_COLUMNS = { "domain", "type", "protocol", "fd", "owner",
  "local_address", "remote_address", "recv", "sent", "state" }

-- The rows of the table, the headings first, as lists of texts.
local function table_rows(list, columns)
  local rows = { {} }
  for i, name in ipairs(columns) do
    rows[1][i] = COLUMNS[name][1]
  end
  for _, sock in ipairs(list) do
    local info, row = info_of(sock), {}
    for i, name in ipairs(columns) do
      row[i] = tostring(COLUMNS[name][2](info, sock))
    end
    rows[#rows + 1] = row
  end
  return rows
end

local function widths_of(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, text in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, #text)
    end
  end
  return widths
end

local function print_rows(rows)
  local widths = widths_of(rows)
  for _, row in ipairs(rows) do
    for i, text in ipairs(row) do
      row[i] = text .. (" "):rep(widths[i] - #text)
    end
    io.write((table.concat(row, " "):gsub(" +$", "")), "\n")
  end
end

local function columns_complaint(columns)
  if type(columns) ~= "table" then
    return "list of columns expected, got " .. type(columns)
  end
  for _, name in ipairs(columns) do
    if not COLUMNS[name] then
      return ("unknown column '%s'"):format(tostring(name))
    end
  end
end

--- Prints a table of the open sockets that are listed: what they are, their
-- addresses, the bytes received and sent, and the state of reading and of
-- writing (`BD` bound, `LG` listening, `AG` accepting, `CD` connected, `SD`
-- somebody waits). Answers to Erlang's `socket:i`.
-- @function Socket.i
-- @param[opt] filter which of them, as for `which_sockets`
-- @tparam[opt] table columns which columns, of `"domain"`, `"type"`,
-- `"protocol"`, `"fd"`, `"owner"`, `"local_address"`, `"remote_address"`,
-- `"recv"`, `"sent"`, `"state"`
-- @treturn boolean true
function Socket.i(filter, columns)
  local at = 2
  if columns == nil and type(filter) == "table" then
    filter, columns, at = nil, filter, 1
  end
  local why = columns_complaint(columns or {})
  if why then keywords.complain(at, "i", why) end
  local fn = chooser(filter)
  if not fn then
    keywords.complain(1, "i", ("unknown filter '%s'"):format(filter))
  end
  local list = choose(fn)
  table.sort(list, function(a, b) return a:fileno() < b:fileno() end)
  print_rows(table_rows(list, columns or USUAL_COLUMNS))
  return true
end
