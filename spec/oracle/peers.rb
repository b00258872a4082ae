# The other program: a server, which prints where it is reached, or a client
# that is told so. What it saw it prints, a line each.

require "socket"
require "timeout"

LIMIT = 10
BODY = ((0..255).map(&:chr).join.b * 1000).freeze

$stdout.sync = true

def same_body(body)
  body == BODY ? "same" : "#{body.bytesize} other bytes"
end

def serve_stream(io)
  io.write(io.gets.upcase)
  body = io.read
  io.write(body)
  io.close
  puts same_body(body)
end

def ask_stream(io)
  io.puts "hello"
  puts io.gets
  io.write(BODY)
  io.close_write
  puts same_body(io.read)
  io.close
end

def take_urgent(io)
  IO.select(nil, nil, [io])
  puts io.recv(1, Socket::MSG_OOB)
  puts io.read
end

def send_urgent(io)
  io.send("ab", 0)
  io.send("!", Socket::MSG_OOB)
  io.send("cd", 0)
  io.close
end

def bound(type, path)
  socket = Socket.new(:UNIX, type)
  socket.bind(Addrinfo.unix(path))
  socket
end

def tcp_server
  server = TCPServer.new("127.0.0.1", 0)
  puts server.addr[1]
  server.accept
end

def unix_server(path)
  server = UNIXServer.new(path)
  puts path
  server.accept
end

ROLES = {
  "tcp_server" => -> { serve_stream(tcp_server) },
  "tcp_client" => ->(port) { ask_stream(TCPSocket.new("127.0.0.1", port)) },
  "unix_server" => ->(path) { serve_stream(unix_server(path)) },
  "unix_client" => ->(path) { ask_stream(UNIXSocket.new(path)) },
  "urgent_server" => -> { take_urgent(tcp_server) },
  "urgent_client" => ->(port) { send_urgent(TCPSocket.new("127.0.0.1", port)) },

  "udp_server" => lambda do
    socket = UDPSocket.new
    socket.bind("127.0.0.1", 0)
    puts socket.addr[1]
    3.times do
      message, from = socket.recvfrom(65_536)
      puts message.bytesize
      socket.send(message.reverse, 0, from[3], from[1])
    end
  end,

  "udp_client" => lambda do |port|
    socket = UDPSocket.new
    socket.connect("127.0.0.1", port)
    ["hello", "", BODY[0, 60_000]].each do |message|
      socket.send(message, 0)
      puts socket.recv(65_536) == message.reverse
    end
  end,

  "datagram_server" => lambda do |path|
    socket = bound(:DGRAM, path)
    puts path
    2.times do
      message, from = socket.recvfrom(65_536)
      puts from.unix_path, message.bytesize
      socket.send(message.reverse, 0, from)
    end
  end,

  "datagram_client" => lambda do |path, own|
    socket = bound(:DGRAM, own)
    ["hello", BODY[0, 60_000]].each do |message|
      socket.send(message, 0, Addrinfo.unix(path))
      puts socket.recv(65_536) == message.reverse
    end
  end,

  "seqpacket_server" => lambda do |path|
    server = bound(:SEQPACKET, path)
    server.listen(1)
    puts path
    socket, = server.accept
    while (message = socket.recv(100)) && !message.empty?
      puts message
      socket.send(message.reverse, 0)
    end
  end,

  "seqpacket_client" => lambda do |path|
    socket = Socket.new(:UNIX, :SEQPACKET)
    socket.connect(Addrinfo.unix(path))
    %w[one three].each { |message| socket.send(message, 0) }
    2.times { puts socket.recv(100) }
    socket.close
  end,

  "descriptor_server" => lambda do |path|
    io = unix_server(path)
    file = io.recv_io
    print file.read
    socket = io.recv_io(UNIXSocket)
    socket.write("from Ruby")
    socket.close
  end,

  "descriptor_client" => lambda do |path, file|
    io = UNIXSocket.new(path)
    ours, theirs = UNIXSocket.pair
    File.open(file) { |opened| io.send_io(opened) }
    io.send_io(theirs)
    theirs.close
    puts ours.read
  end,

  "rights_server" => lambda do |path|
    io = unix_server(path)
    message, _, _, *controls = io.recvmsg(100, scm_rights: true)
    puts message, controls.size, controls[0].unix_rights.size
    print controls[0].unix_rights[1].read
  end,

  "rights_client" => lambda do |path, file|
    io = UNIXSocket.new(path)
    ours, theirs = UNIXSocket.pair
    File.open(file) do |opened|
      rights = Socket::AncillaryData.unix_rights(opened, theirs)
      io.sendmsg("two", 0, nil, rights)
    end
    theirs.close
    puts ours.read
  end,
}

role, *args = ARGV
Timeout.timeout(LIMIT) { ROLES.fetch(role).call(*args) }
