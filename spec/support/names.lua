-- Names under a spec's control, for what connects to a host: which addresses
-- each family has, and when that is known.

local Socket = require "socket"
local connect_host = require "socket.connect_host"

local names = {}

-- What a look-up that never ends answers.
names.NEVER = {}

local Lookup = {}
Lookup.__index = Lookup

function Lookup:wanted()
  return self.signal:fileno()
end

-- What a function gives for an answer that is there.
local function give(answer)
  if Socket.Error.is(answer) then return nil, answer end
  return answer
end

function Lookup:result()
  local answer = self.answer
  if answer == names.NEVER then return nil, Socket.WAIT_READABLE end
  return give(answer)
end

function Lookup:close()
  self.is_closed = true
  self.signal:close()
  self.trigger:close()
end

Lookup.__close = Lookup.close

-- Its fd is readable from the start if the answer is there.
local function new_lookup(answer)
  local signal, trigger = assert(Socket.pair("UNIX", "DGRAM"))
  if answer ~= names.NEVER then trigger:send("x", 0) end
  return setmetatable({
    answer = answer, signal = signal, trigger = trigger, is_closed = false,
  }, Lookup)
end

-- {host, port} pairs as Addrinfos; anything else as it is.
local function to_answer(value)
  if value == names.NEVER or Socket.Error.is(value) then return value end
  local list = {}
  for i, pair in ipairs(value) do
    list[i] = assert(Socket.Addrinfo.tcp(pair[1], pair[2]))
  end
  return list
end

-- The resolver's error with that code ("EAI_ADDRFAMILY", "EAI_NONAME").
function names.refusal(code)
  local host = code == "EAI_ADDRFAMILY" and "127.0.0.1" or "x"
  local _, err = Socket.Addrinfo.getaddrinfo(host, 0, "INET6", "STREAM", nil,
    "NUMERICHOST")
  assert(err.code == code, err)
  return err
end

local Table = {}
Table.__index = Table

function Table:__close()
  connect_host.resolver = self.real
end

-- Makes each host have these addresses until it is closed: `INET6` and `INET`
-- are lists of {host, port}, an error or names.NEVER; `all` is the answer to
-- those who ask for all at once, `here` to those who ask about the host "here".
-- `lookups` are those begun, by family; `asked` the hosts asked about at once.
function names.serve(answers)
  local served = setmetatable({
    real = connect_host.resolver, lookups = {}, asked = {},
  }, Table)
  connect_host.resolver = {
    start = function(_, _, family)
      local lookup = new_lookup(to_answer(assert(answers[family])))
      served.lookups[family] = lookup
      return lookup
    end,
    getaddrinfo = function(host)
      served.asked[#served.asked + 1] = host
      local answer = assert(host == "here" and answers.here or answers.all)
      return give(to_answer(answer))
    end,
  }
  return served
end

return names
