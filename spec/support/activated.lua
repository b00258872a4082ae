-- Sockets passed to a program as a service manager does it.

local Socket = require "socket"

local activated = {}

-- Above what a shell uses itself.
local LEAST_FD = 20

-- fcntl's command to make another fd, which programs that are started get.
local F_DUPFD = 0

-- What bash does to pass the sockets, from fd 3 on, to the program that it
-- becomes; and a list of sockets that must be open until then. `names` and the
-- other variables may be left out.
function activated.command(socks, names, variables)
  local lines, kept = {}, {}
  for i, sock in ipairs(socks) do
    local fd = assert(sock:fcntl(F_DUPFD, LEAST_FD))
    kept[i] = assert(Socket.for_fd(fd))
    lines[#lines + 1] = ("exec %d<&%d %d<&-"):format(i + 2, fd, fd)
  end
  local values = { LISTEN_PID = "$$", LISTEN_FDS = #socks,
    LISTEN_FDNAMES = names }
  for name, value in pairs(variables or {}) do
    values[name] = value
  end
  for name, value in pairs(values) do
    lines[#lines + 1] = ("export %s=%s"):format(name, value)
  end
  return table.concat(lines, "\n"), kept
end

return activated
