# Echoes datagrams, after printing its port, until an empty one comes.

require "socket"

Socket.udp_server_sockets("127.0.0.1", 0) do |sockets|
  puts sockets[0].local_address.ip_port
  $stdout.flush
  Socket.udp_server_loop_on(sockets) do |message, source|
    break if message.empty?
    source.reply(message)
  end
end
