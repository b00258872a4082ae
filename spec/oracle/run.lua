-- Draws cases from a seed, has Ruby and this library answer them, and compares.
-- usage: run.lua CASES [SEED [CASE]], at the top of the checkout; CASE is the
-- only one to be looked at, and is shown whole.

local Answer = require "spec.oracle.answer"
local compare = require "spec.oracle.compare"
local text = require "spec.oracle.text"

-- How many differences are shown, and how much of each.
local SHOWN = 20
local WIDTH = 1000

local KINDS = { "sockaddr", "addrinfo", "lookup", "option", "ancdata",
  "message", "stream" }

local kinds = {}
for _, name in ipairs(KINDS) do
  kinds[name] = require("spec.oracle.kinds." .. name)
end

-- Each case has a seed of its own, so that it can be drawn alone.
local function draw_line(seed, index)
  math.randomseed(seed, index)
  local kind = KINDS[index % #KINDS + 1]
  local args = kinds[kind].draw()
  return text.encode(table.move(args, 1, args.n or #args, 2,
    { n = (args.n or #args) + 1, kind }))
end

local function write_cases(path, seed, first, last)
  local file <close> = assert(io.open(path, "wb"))
  for index = first, last do
    assert(file:write(draw_line(seed, index), "\n"))
  end
end

local function perform(case)
  local answer = Answer.new()
  kinds[case[1]].perform(answer, table.unpack(case, 2, case.n))
  return answer
end

local function show(most, seed, index, line, name, theirs, ours)
  print(("seed %d, case %d: %s"):format(seed, index, line:sub(1, most)))
  print(("  %s on Ruby: %s"):format(name, theirs:sub(1, most)))
  print(("  %s here:    %s"):format(name, ours:sub(1, most)))
end

-- How many cases differ.
local function compare_all(path, seed, first, last)
  local different, explained = 0, {}
  local ruby <close> = assert(io.popen(
    ("timeout 300 ruby spec/oracle/answer.rb <%s"):format(path)))
  for index = first, last do
    local line = draw_line(seed, index)
    local case = text.decode(line)
    local answered = assert(ruby:read "l", "Ruby gives no answer to " .. line)
    local name, theirs, ours = compare.first_difference(case,
      text.decode(answered), perform(case), explained)
    if name then
      different = different + 1
      if different <= SHOWN then
        show(first == last and -1 or WIDTH, seed, index, line, name, theirs,
          ours)
      end
    end
  end
  return different, explained
end

local function print_explained(explained)
  local names = {}
  for name in pairs(explained) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    print(("  %6d  %s"):format(explained[name], name))
  end
end

local function main(count, seed, only)
  local first, last = only or 1, only or count
  local path = os.tmpname()
  print(("seed %d"):format(seed))
  write_cases(path, seed, first, last)
  local ok, different, explained = pcall(compare_all, path, seed, first, last)
  os.remove(path)
  if not ok then error(different, 0) end
  print "differences on purpose:"
  print_explained(explained)
  print(("%d cases, %d different"):format(last - first + 1, different))
  return different == 0
end

local count, seed = tonumber(arg[1]), tonumber(arg[2] or os.time())
os.exit(main(assert(count, "how many cases?"), seed, tonumber(arg[3])), true)
