-- Gathers the doc comments of src and lua by class, in the folder that LDoc
-- then reads: which file holds a function is none of its users' business.
-- usage: doc.lua FOLDER

local CLASSES = {
  Socket = "Sockets of every kind, and what belongs to no kind: names, " ..
    "addresses, clients and servers. `require \"socket\"` returns it; the " ..
    "other classes are its fields.",
  BasicSocket = "What all sockets can do. Where a call takes `timeout` in " ..
    "seconds it also takes `\"nowait\"`: see `SelectInfo`.",
  IPSocket = "What TCP and UDP sockets have in common.",
  TCPSocket = "A TCP connection.",
  TCPServer = "A listening TCP socket.",
  UDPSocket = "A UDP socket.",
  UNIXSocket = "A connection over a unix socket.",
  UNIXServer = "A listening unix socket.",
  Addrinfo = "An address, with the kind of socket that can use it.",
  Option = "A socket option: its family, level, name and bytes.",
  AncillaryData = "A control message: its family, level, type and bytes.",
  Ifaddr = "A network interface's address.",
  Task = "A coroutine of the scheduler, as Socket.schedule gives it.",
  UDPSource = "Where a datagram came from, and how to answer it.",
  SelectInfo = "A call that was started with `timeout = \"nowait\"`: " ..
    "`socket`, `op` (the method's name) and `ref`, which its message has, " ..
    "too; `partial`, `written` and `rest` as in errors.",
  Error = "What failed, and how.",
}

local FILES = "ls src/*.c; find lua -name '*.lua' | sort"

-- The comment blocks of a file, without comment marks, each a list of lines.
local function read_blocks(path)
  local first, further = "^%-%-%-%s?(.*)$", "^%-%-%-?%s?(.*)$"
  if path:match "%.c$" then first, further = "^///%s?(.*)$", "^///?%s?(.*)$" end
  local blocks, block = {}, nil
  for line in io.lines(path) do
    local text = line:match(block and further or first)
    if text and not block then
      block = {}
      blocks[#blocks + 1] = block
    end
    if text then block[#block + 1] = text else block = nil end
  end
  return blocks
end

-- The class of the function that a block is about.
local function class_of(block)
  for _, line in ipairs(block) do
    local class = line:match "^@function (%w+)[.:]"
    if class then return class end
  end
end

-- LDoc's own way to say what is no method, and "these, or nil, err, errno".
local function for_ldoc(block)
  local text = table.concat(block, "\n")
    :gsub("\n@function %w+%.[%w_]+", "%0\n@static")
  if not text:find "\n@error" then return text end
  return (text:gsub("\n@(t?return) ", "\n@%1[1] ")
    :gsub("\n@error ", "\n@return[2] "))
end

local function write(folder, class, texts)
  local path = ("%s/%s.lua"):format(folder, class)
  local file <close> = assert(io.open(path, "w"))
  local head = CLASSES[class] .. "\n@classmod " .. class
  for _, text in ipairs { head, table.unpack(texts) } do
    file:write("--- ", text:gsub("\n", "\n-- "), "\n\n")
  end
end

local folder = assert(arg[1], "usage: doc.lua FOLDER")
local texts = {}
for path in assert(io.popen(FILES)):lines() do
  for _, block in ipairs(read_blocks(path)) do
    local class = class_of(block) -- nil: for those who read the source
    if class then
      assert(CLASSES[class], path .. ": no such class: " .. class)
      texts[class] = texts[class] or {}
      table.insert(texts[class], for_ldoc(block))
    end
  end
end
for class, list in pairs(texts) do
  write(folder, class, list)
end
