# A blocking echo server for one connection.
require "socket"

server = TCPServer.new("127.0.0.1", 0)
puts server.addr[1]
$stdout.flush
sock = server.accept
sock.setsockopt(:TCP, :NODELAY, true)
while (bytes = sock.readpartial(65536) rescue nil)
  sock.send(bytes, 0)
end
