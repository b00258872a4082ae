-- What the internet socket classes have beside their methods in C.

local classes = require "socket.class"
local keywords = require "socket.keywords"

local BasicSocket, IPSocket = classes.BasicSocket, classes.IPSocket

--- The socket's text, with its local address. Answers to Ruby's
-- `IPSocket#inspect`.
-- @function IPSocket:inspect
-- @treturn string `"#<TCPSocket:fd 5, AF_INET, 127.0.0.1, 80>"`
function IPSocket:inspect()
  keywords.check_socket(self, "inspect")
  local text = BasicSocket.inspect(self)
  local address = self:local_address()
  if not address or not address:is_ip() then return text end
  return ("%s, AF_%s, %s, %d>"):format(text:sub(1, -2),
    address:is_ipv6() and "INET6" or "INET", address:ip_unpack())
end
