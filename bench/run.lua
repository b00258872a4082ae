-- Measures this library beside plain C and its peers, and prints ratios. The
-- repetitions are interleaved, so that a machine whose speed drifts treats all
-- alike; what is quoted is the median of the ratios within a repetition.
--
--   lua5.4 bench/run.lua BUILD [NAME...]
--
-- REPEATS, SECONDS and PEERS in the environment change how often, how long and
-- with whom.

package.path = "./bench/?.lua"

local contenders = require "contenders"
local report = require "report"
local rows = require "rows"
local session = require "session"

local build = assert(arg[1], "the folder of what was built is missing")
local repeats = tonumber(os.getenv "REPEATS") or 5
local seconds = tonumber(os.getenv "SECONDS") or 1

local function measure(row, contender)
  local command = contender.command(row.mode)
  local how = session[row.measure or "loaded"]
  if not row.load then return how(command) end
  return how(command, build .. "/bench/load", row.load[1],
    ("seconds=%g %s"):format(seconds, row.load[2]))
end

local function takes_part(row, contender)
  return contenders.has_mode(contender, row.mode)
    and not (row.peerless and contender.is_peer)
end

-- The contenders' results, each with the figures of its repetitions that did
-- not fail.
local function run(row, all)
  local results = {}
  for _, contender in ipairs(all) do
    if takes_part(row, contender) then
      results[#results + 1] = { contender = contender, runs = {} }
    end
  end
  for i = 1, row.repeats or repeats do
    for _, result in ipairs(results) do
      result.runs[i] = measure(row, result.contender)
    end
  end
  return results
end

local function is_wanted(row)
  for i = 2, #arg do
    if arg[i] == row.name then return true end
  end
  return #arg == 1
end

local function is_row(name)
  for _, row in ipairs(rows) do
    if row.name == name then return true end
  end
  return false
end

local function can_measure(row)
  if row.measure ~= "counted" or session.can_count() then return true end
  print(("\n%s: perf cannot count system calls here"):format(row.name))
end

for i = 2, #arg do
  assert(is_row(arg[i]), "no such row: " .. arg[i])
end

local all = contenders.find(build, os.getenv "PEERS" ~= "0")
local misses = {}
for _, row in ipairs(rows) do
  if is_wanted(row) and can_measure(row) then
    report.row(row, run(row, all), misses)
  end
end
report.misses(misses)
