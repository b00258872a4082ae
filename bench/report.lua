-- The tables: a row's figures, their ratios, and what is asked.

local report = {}

-- A ratio that may be noise.
local TIE = 1.02

local function median(list)
  local sorted = { table.unpack(list) }
  table.sort(sorted)
  return sorted[(#sorted + 1) // 2]
end

-- The median of one figure of a contender's repetitions, or nil.
local function value(runs, name)
  local list = {}
  for _, figures in pairs(runs) do
    list[#list + 1] = figures[name]
  end
  return median(list)
end

-- The median of the ratios within a repetition, or nil.
local function ratio(runs, base, name)
  local list = {}
  for i, figures in pairs(runs) do
    if base[i] then list[#list + 1] = figures[name] / base[i][name] end
  end
  return median(list)
end

local function misses(figure, number)
  if not number then return true end
  return number < (figure.least or -math.huge)
    or number > (figure.most or math.huge)
end

local function asked(figure)
  if figure.least then return (">= %g"):format(figure.least) end
  if figure.most then return ("<= %g"):format(figure.most) end
  return ""
end

-- 12345 and 1.23: as many digits as mean something.
local function text(number)
  if not number then return "failed" end
  return (number >= 1000 or number % 1 == 0) and ("%.0f"):format(number)
    or ("%.2f"):format(number)
end

local function print_head(row)
  print(("\n%s: %s"):format(row.name, row.title))
  local names, wishes = { (" "):rep(12) }, { ("  %-10s"):format "asked" }
  for _, figure in ipairs(row.figures) do
    names[#names + 1] = ("%16s"):format(figure.title)
    wishes[#wishes + 1] = ("%16s"):format(figure.ratio and "" or asked(figure))
    if figure.ratio then
      names[#names + 1] = ("%9s"):format "ratio"
      wishes[#wishes + 1] = ("%9s"):format(asked(figure))
    end
  end
  print(table.concat(names))
  print(table.concat(wishes))
end

local function print_contender(row, name, runs, base)
  local parts = { ("  %-10s"):format(name) }
  for _, figure in ipairs(row.figures) do
    parts[#parts + 1] = ("%16s"):format(text(value(runs, figure.name)))
    if figure.ratio then
      local number = ratio(runs, base, figure.name)
      parts[#parts + 1] = number and (" %8.3f"):format(number) or "         "
    end
  end
  print(table.concat(parts))
  io.stdout:flush()
end

-- Adds what ours has missed, as texts.
local function judge(row, ours, base, list)
  for _, figure in ipairs(row.figures) do
    local number = figure.ratio and ratio(ours, base, figure.name)
      or value(ours, figure.name)
    if asked(figure) ~= "" and misses(figure, number) then
      list[#list + 1] = ("%s: %s %s, asked %s"):format(row.name, figure.title,
        text(number), asked(figure))
    end
  end
end

-- Adds the peers that are ahead of ours.
local function judge_peers(row, results, ours, list)
  for _, result in ipairs(results) do
    local peer = result.contender.is_peer and result.contender.name
    local number = peer and ratio(result.runs, ours, row.ahead)
    if number and number > TIE then
      list[#list + 1] = ("%s: %s is ahead, %s"):format(row.name, peer,
        text(number))
    end
  end
end

-- Adds what is missed in a row to a list of texts.
local function judge_row(row, results, result, list)
  if next(result.runs) == nil then
    list[#list + 1] = row.name .. ": failed"
    return
  end
  judge(row, result.runs, results[1].runs, list)
  if row.ahead then judge_peers(row, results, result.runs, list) end
end

-- Prints a row's results, a contender and its runs each, and adds what is
-- missed to a list.
function report.row(row, results, list)
  print_head(row)
  local base = results[1].runs
  for _, result in ipairs(results) do
    print_contender(row, result.contender.name, result.runs, base)
    if result.contender.is_ours then judge_row(row, results, result, list) end
  end
end

function report.misses(list)
  print(#list == 0 and "\nAll that is asked is reached." or "\nMissed:")
  for _, line in ipairs(list) do
    print("  " .. line)
  end
end

return report
