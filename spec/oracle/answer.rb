# Answers cases on the real Ruby: reads them line by line from standard input,
# writes a line for each. The form of both is that of text.lua.

require "socket"

module Text
  module_function

  def encode(value)
    case value
    when nil then "-"
    when true then "T"
    when false then "F"
    when Integer then "i#{value}"
    when String then "s" + value.b.gsub(/[^!-$&-~]/n) { format("%%%02x", $&.ord) }
    when Symbol then encode(value.to_s)
    when Array then "( " + value.map { |v| encode(v) + " " }.join + ")"
    when Addrinfo then encode([value.inspect, value.to_sockaddr])
    when Time then encode([value.to_i, value.nsec])
    else raise "no form for #{value.class}"
    end
  end

  def decode(line)
    tokens = line.split
    stack = [[]]
    tokens.each do |token|
      case token[0]
      when "(" then stack.push([])
      when ")" then list = stack.pop; stack.last.push(list)
      else stack.last.push(scalar(token))
      end
    end
    stack[0]
  end

  def scalar(token)
    case token[0]
    when "-" then nil
    when "T" then true
    when "F" then false
    when "i" then token[1..].to_i
    when "s" then token[1..].b.gsub(/%(..)/n) { $1.hex.chr }
    end
  end
end

# What a case comes to: names and results.
class Answer
  attr_reader :fields

  def initialize
    @fields = []
  end

  # The block's value, or the error that it raised, under that name.
  def add(name)
    value = yield
    @fields.push(name, value)
    value
  rescue StandardError => e
    @fields.push(name, ["error", e.class.name, e.message])
    nil
  end

  def add_all(object, readers)
    readers.each do |reader|
      add(reader.sub(/(.*)\?\z/, "is_\\1")) { object.__send__(reader) }
    end
  end
end

NUMERIC = Socket::NI_NUMERICHOST | Socket::NI_NUMERICSERV

ADDRINFO_READERS = %w[
  marshal_dump
  afamily pfamily socktype protocol canonname to_sockaddr inspect
  inspect_sockaddr ip_address ip_port ip_unpack unix_path ipv6_to_ipv4
  ip? ipv4? ipv6? unix? ipv4_loopback? ipv4_multicast? ipv4_private?
  ipv6_linklocal? ipv6_loopback? ipv6_mc_global? ipv6_mc_linklocal?
  ipv6_mc_nodelocal? ipv6_mc_orglocal? ipv6_mc_sitelocal? ipv6_multicast?
  ipv6_sitelocal? ipv6_unique_local? ipv6_unspecified? ipv6_v4compat?
  ipv6_v4mapped?
]

OPTION_READERS = %w[
  family level optname data int bool byte linger ipv4_multicast_ttl
  ipv4_multicast_loop inspect
]

ANCDATA_READERS = %w[
  family level type data int timestamp ip_pktinfo ipv6_pktinfo
  ipv6_pktinfo_addr ipv6_pktinfo_ifindex unix_rights inspect
]

# How the operations of a stream are called that are not methods of that name.
STREAM = {
  "gets_limit" => ->(io, limit) { io.gets(limit) },
  "gets_nil" => ->(io, *limit) { io.gets(nil, *limit) },
  "gets_para" => ->(io, *limit) { io.gets("", *limit) },
  "gets_chomp" => ->(io, *rest) { io.gets(*rest, chomp: true) },
  "gets_chomp_limit" => ->(io, limit) { io.gets(limit, chomp: true) },
  "readline_chomp" => ->(io) { io.readline(chomp: true) },
  "readlines_chomp" => ->(io) { io.readlines(chomp: true) },
  "readlines_limit" => ->(io, limit) { io.readlines(limit) },
  "each_line" => ->(io, *rest) { io.each_line(*rest).to_a },
  "each_line_limit" => ->(io, limit) { io.each_line(limit).to_a },
  "each_line_chomp" => ->(io) { io.each_line(chomp: true).to_a },
  "each_byte" => ->(io) { io.each_byte.to_a },
  "each_char" => ->(io) { io.each_char.to_a },
  "eof" => ->(io) { io.eof? },
  "set_lineno" => ->(io, number) { io.lineno = number },
}

KINDS = {
  "sockaddr" => lambda do |answer, name, *args|
    answer.add("value") { Socket.__send__(name, *args) }
  end,

  "addrinfo" => lambda do |answer, name, *args|
    addrinfo = answer.add("made") { Addrinfo.__send__(name, *args) }
    next unless addrinfo
    answer.add_all(addrinfo, ADDRINFO_READERS)
    answer.add("getnameinfo") { addrinfo.getnameinfo(NUMERIC) }
  end,

  # Several of an address; what is made of the first with another's parts.
  "lookup" => lambda do |answer, family, *args|
    list = answer.add("list") { Addrinfo.getaddrinfo(*args) }
    next unless list
    answer.add("family") { list[0].family_addrinfo(*family) }
  end,

  "option" => lambda do |answer, name, *args|
    option = nil
    answer.add("made") { (option = Socket::Option.__send__(name, *args)) && true }
    answer.add_all(option, OPTION_READERS) if option
  end,

  "ancdata" => lambda do |answer, level, type, name, *args|
    message = nil
    answer.add("made") do
      (message = Socket::AncillaryData.__send__(name, *args)) && true
    end
    next unless message
    answer.add_all(message, ANCDATA_READERS)
    answer.add("cmsg_is") { message.cmsg_is?(level, type) }
  end,

  "message" => lambda do |answer, type, shuts, sent, received|
    peer, io = Socket.pair(:UNIX, type, 0)
    sent.each_with_index do |(name, *args), index|
      answer.add("sent #{index + 1}") { peer.__send__(name, *args) }
    end
    peer.shutdown(:WR) if shuts
    received.each_with_index do |(name, *args), index|
      answer.add("#{index + 1}:#{name}") { io.__send__(name, *args) }
    end
    io.close
    peer.close
  end,

  "stream" => lambda do |answer, chunks, ops|
    peer, io = UNIXSocket.pair
    io.binmode
    chunks.each { |chunk| peer.write(chunk) }
    peer.close_write
    ops.each_with_index do |(name, *args), index|
      call = STREAM[name]
      answer.add("#{index + 1}:#{name}") do
        call ? call.call(io, *args) : io.__send__(name, *args)
      end
    end
    io.close
    peer.close
  end,
}

$stdin.binmode.each_line do |line|
  kind, *args = Text.decode(line)
  answer = Answer.new
  KINDS.fetch(kind).call(answer, *args)
  puts answer.fields.map { |value| Text.encode(value) }.join(" ")
end
