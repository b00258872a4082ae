# The same on Ruby: ruby.rb PORT
require "socket"

def clock
  Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
end

sock = TCPSocket.new("127.0.0.1", ARGV[0].to_i)
sock.binmode
count = 0
start = clock
count += 1 while sock.gets
puts ((clock - start) / count * 1e9).round(1)
