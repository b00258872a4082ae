# Serves in one of several modes, after printing its port: ruby.rb MODE
# A connection has a thread.

require "socket"

BLOCK = "x" * 65536

HANDLERS = {
  "echo" => lambda { |sock|
    sock.send(sock.readpartial(4096), 0) while true
  },
  "line" => lambda { |sock|
    while (line = sock.gets)
      GC.start if line == "collect\n"
      sock.write(line)
    end
  },
  "sink" => lambda { |sock|
    buffer = String.new
    sock.readpartial(65536, buffer) while true
  },
  "source" => lambda { |sock|
    sock.write(BLOCK) while true
  },
  "gets" => lambda { |sock|
    sock.binmode
    nil while sock.gets
  },
}
HANDLERS["blocking"] = HANDLERS["echo"]

def print_port(server)
  puts server.local_address.ip_port
  $stdout.flush
end

def handle(sock, handler)
  sock.setsockopt(:TCP, :NODELAY, true)
  handler.call(sock)
rescue EOFError, SystemCallError
  # the load has ended
ensure
  sock.close
end

def serve_udp
  Socket.udp_server_sockets("127.0.0.1", 0) do |sockets|
    print_port(sockets[0])
    Socket.udp_server_loop_on(sockets) { |message, source| source.reply(message) }
  end
end

def serve_copy(server)
  from, to = server.accept, server.accept
  IO.copy_stream(from, to)
rescue SystemCallError
  # the load has ended
end

mode = ARGV[0]
if mode == "udp"
  serve_udp
else
  server = TCPServer.new("127.0.0.1", 0)
  server.listen(4096)
  print_port(server)
  if mode == "copy"
    serve_copy(server)
  elsif %w[blocking gets].include?(mode)
    handle(server.accept, HANDLERS[mode])
  else
    handler = HANDLERS.fetch(mode)
    loop { Thread.new(server.accept) { |sock| handle(sock, handler) } }
  end
end
