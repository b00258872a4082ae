-- The server loops: a function is called for each connection or datagram, one
-- after the other. Passing failures do not end a loop; closing its sockets,
-- Socket.BREAK and other failures do.

local classes = require "socket.class"
local concurrent = require "socket.concurrent"
local guard = require "socket.guard"
local keywords = require "socket.keywords"
local listen = require "socket.listen"
local native = require "socket.native"
local open = require "socket.open"
local stop = require "socket.stop"
local verdict_on = require "socket.verdict"

local Socket = classes.Socket
local MOST_PATH = native.path.MOST
local READABLE = native.wait.READABLE
local check_stop = native.stop.check
local poll = native.wait.poll

local make = open.maker "Socket"

-- What a function returns to end its loop.
local BREAK = setmetatable({}, {
  __name = "socket.BREAK",
  __tostring = function()
    return "Socket.BREAK"
  end,
})

-- How many datagrams a server takes with one system call.
local MOST_DATAGRAMS = 32

local function is_break(result)
  return result == BREAK
end

-- Calls the function, and closes the socket if it raises or is given up.
local function serve(fn, sock, peer)
  local owned <close> = guard.owned(sock)
  local result = fn(sock, peer)
  owned:release()
  return is_break(result) and "break" or "served"
end

-- Takes a connection, waiting for it if this is the only listening socket.
-- Socket's methods give the peer's address whatever the server's class is.
local function try_accept(server, is_only, fn)
  local accept = is_only and Socket.accept or Socket.accept_nonblock
  local sock, peer, errno = accept(server)
  if not sock then return verdict_on(peer, errno) end
  return serve(fn, sock, peer)
end

local recvfrom, recvfrom_nonblock = Socket.recvfrom, Socket.recvfrom_nonblock
local serves, source_at = native.datagram.serves, native.datagram.source

-- For one datagram; made when it is first wanted. All tasks share it: none
-- waits between receiving the datagram and taking it out.
local single

local function verdict_of(result)
  return is_break(result) and "break" or "served"
end

-- A datagram of a socket that is none of IP.
local function try_other(sock, waits, fn)
  local message, sender, errno = (waits and recvfrom or recvfrom_nonblock)(sock)
  if not message then return verdict_on(sender, errno) end
  return verdict_of(fn(message, source_at(sock, sender)))
end

-- Takes a datagram, waiting for it if this is the only socket.
local function try_receive(sock, waits, fn)
  if not serves(sock) then return try_other(sock, waits, fn) end
  single = single or native.datagram.new(1)
  local count, err, errno = single:receive(sock, waits)
  if not count then return verdict_on(err, errno) end
  return verdict_of(fn(single:take(1, sock)))
end

-- The same for all that are there, by as few system calls as it takes: each
-- socket has its batch, which `batches` owns. Only for sockets that the loop
-- closes: the datagrams that a break leaves are lost.
local function batch_receiver(batches)
  local batch_of = {}
  return function(sock, waits, fn)
    local batch = batch_of[sock]
    if not batch then
      batch = batches:add(native.datagram.new(MOST_DATAGRAMS))
      batch_of[sock] = batch
    end
    local count, err, errno = batch:receive(sock, waits)
    if not count then return verdict_on(err, errno) end
    local take = batch.take
    for i = 1, count do
      if fn(take(batch, i)) == BREAK then return "break" end
    end
    if not waits then batch:flush() end -- another socket is next
    return "served"
  end
end

-- One round over the sockets; those that are closed leave the list.
local function try_each(list, try, fn)
  local best, i = "idle", 1
  while i <= #list do
    local verdict, err, errno = try(list[i], #list == 1, fn)
    if verdict == "closed" then
      table.remove(list, i)
    elseif verdict == "idle" or verdict == "served" then
      if verdict == "served" then best = verdict end
      i = i + 1
    else
      return verdict, err, errno
    end
  end
  return best
end

-- Waits until one of the sockets is ready.
local function wait_for(list)
  local fds, events, seconds = {}, {}, nil
  for i, sock in ipairs(list) do
    fds[i], events[i] = sock:fileno(), READABLE
    seconds = keywords.earlier(seconds, sock:timeout())
  end
  local ready, err, errno = poll(fds, events, seconds)
  if not ready then return nil, err, errno end
  for _, revents in ipairs(ready) do
    if revents ~= 0 then return true end
  end
  return nil, Socket.TIMEOUT
end

-- Rounds until the function breaks the loop or all sockets are closed (true),
-- or one of them fails: nil, err, errno
local function run(list, try, fn)
  while #list > 0 do
    check_stop()
    local verdict, err, errno = try_each(list, try, fn)
    if verdict == "break" then return true end
    if verdict == "idle" and #list > 1 then
      verdict, err, errno = wait_for(list)
    end
    if not verdict then return nil, err, errno end
  end
  return true
end

-- The same for connections, of which several are handled at a time if the
-- keywords say so.
local function accept_all(list, opts, fn)
  local most = opts.concurrency
  if most then return concurrent(list, most, fn, is_break) end
  return run(list, try_accept, fn)
end

-- The same for datagrams, of sockets that stay open.
local function receive_each(list, _, fn)
  return run(list, try_receive, fn)
end

-- The same for datagrams, of sockets that the loop closes.
local function receive_all(list, _, fn)
  local batches <close> = guard.owned()
  return run(list, batch_receiver(batches), fn)
end

-- The sockets stay open at the end, unless the process ends.
local function end_foreign(list)
  return stop.ending(guard.owned(table.unpack(list)))
end

-- Calls one of the loops above with sockets that are closed at its end, with
-- what else `owned` holds.
local function run_owned(serve_all, list, owned, opts, fn)
  local _ <close> = owned
  local _ <close> = stop.ending(owned)
  if opts.listening then opts.listening(list) end
  return serve_all(list, opts, fn)
end

-- The arguments' sockets, of which some may stand in lists: a list | nil, which
-- argument is wrong, why
local function flatten(args)
  local list = {}
  for i = 1, args.n do
    local is_list = type(args[i]) == "table"
    for _, sock in ipairs(is_list and args[i] or { args[i] }) do
      if not keywords.is_socket(sock) then
        return nil, i, "socket expected, got " .. type(sock)
      end
      list[#list + 1] = sock
    end
  end
  if not list[1] then return nil, 1, "no sockets" end
  return list
end

-- Runs one of the loops on the sockets that are given. Like the next one it is
-- what a public function does, and tail-called by that: mistakes raise at the
-- caller.
local function serve_on(call, serve_all, ...)
  local args, opts, fn = keywords.split(call, ...)
  local list, at, why = flatten(args)
  if not list then keywords.complain(at, call.name, why) end
  keywords.check_block(fn, args.n + 1, call.name)
  local _ <close> = end_foreign(list)
  return serve_all(list, opts, fn)
end

-- Runs one of the loops on the sockets that are opened at a host and port.
local function serve_at(call, open_all, serve_all, ...)
  local args, opts, fn = keywords.split(call, ...)
  local host, port = listen.arguments(args)
  keywords.check_server(host, port, args.n, call.name)
  keywords.check_block(fn, args.n + 1, call.name)
  local list, err, errno = open_all(make, host, port, opts)
  if not list then return nil, err, errno end
  local owned = guard.owned(table.unpack(list))
  return run_owned(serve_all, list, owned, opts, fn)
end

-- What each function's name and keywords are.
local function spec(name, accepted)
  return { name = name, keywords = accepted or {} }
end

-- A loop that opens its sockets can tell which they are.
local KEYWORDS = {
  reuseport = listen.KEYWORDS.reuseport,
  listening = "function",
}

-- A loop for connections can handle several at a time.
local STREAM_KEYWORDS = { concurrency = "count" }
for name, kind in pairs(KEYWORDS) do
  STREAM_KEYWORDS[name] = kind
end

local ACCEPT = spec("accept_loop", { concurrency = "count" })

--- Calls the function for each connection that the listening sockets take. The
-- connection stays open when the function returns; it is closed when that
-- raises. Answers to Ruby's `Socket.accept_loop`.
-- @function Socket.accept_loop
-- @param ... listening sockets, or lists of them; they stay open
-- @tparam[opt] table opts `concurrency`: at most so many connections are
-- handled at a time, each in a task; the loop returns when they have ended. An
-- error of the function goes the way of any task's. Without a scheduler that
-- runs, `Socket.run` does; where `Socket.set_scheduler` has named one that the
-- calls ask, each connection has a coroutine of that, as `Socket.schedule`
-- would start it
-- @tparam function fn is called with the connection and its peer's Addrinfo;
-- returns `Socket.BREAK` to end the loop
-- @treturn boolean true when the loop was ended or the sockets were closed
-- @error nil, err, errno
function Socket.accept_loop(...)
  return serve_on(ACCEPT, accept_all, ...)
end

local TCP = spec("tcp_server_loop", STREAM_KEYWORDS)

--- Opens a TCP server and calls the function for each connection. The server's
-- sockets are closed at the end of the loop. Answers to Ruby's
-- `Socket.tcp_server_loop`.
-- @function Socket.tcp_server_loop
-- @tparam[opt] string host
-- @tparam integer|string port
-- @tparam[opt] table opts `concurrency` as for `Socket.accept_loop`;
-- `reuseport` as for the functions that open servers; `listening` is a function
-- that is called with the list of sockets before the loop begins
-- @tparam function fn as for `Socket.accept_loop`
-- @treturn boolean true when the loop was ended
-- @error nil, err, errno
function Socket.tcp_server_loop(...)
  return serve_at(TCP, listen.tcp, accept_all, ...)
end

local UNIX = spec("unix_server_loop", STREAM_KEYWORDS)

--- Opens a unix server and calls the function for each connection. At the end
-- of the loop the socket is closed and the path removed, if it is still this
-- socket's. Answers to Ruby's `Socket.unix_server_loop`.
-- @function Socket.unix_server_loop
-- @tparam string path
-- @tparam[opt] table opts `concurrency` and `listening` as for
-- `Socket.tcp_server_loop`
-- @tparam function fn as for `Socket.accept_loop`
-- @treturn boolean true when the loop was ended
-- @error nil, err, errno
function Socket.unix_server_loop(...)
  local args, opts, fn = keywords.split(UNIX, ...)
  keywords.check_path(args[1], MOST_PATH, 1, UNIX.name)
  keywords.check_block(fn, args.n + 1, UNIX.name)
  local server, name, errno = listen.unix(make, args[1], {})
  if not server then return nil, name, errno end
  return run_owned(accept_all, { server }, guard.owned(server, name), opts, fn)
end

local RECV = spec "udp_server_recv"

--- Takes at most one datagram from each socket, without waiting, and calls the
-- function for it. Answers to Ruby's `Socket.udp_server_recv`.
-- @function Socket.udp_server_recv
-- @tparam {Socket,...} sockets
-- @tparam function fn is called with the datagram and its UDPSource; returns
-- `Socket.BREAK` to leave out the other sockets
-- @treturn {Socket,...} the sockets
-- @error nil, err, errno
function Socket.udp_server_recv(...)
  local args, _, fn = keywords.split(RECV, ...)
  local list, at, why = flatten(args)
  if not list then keywords.complain(at, RECV.name, why) end
  keywords.check_block(fn, args.n + 1, RECV.name)
  for _, sock in ipairs(list) do
    local verdict, err, errno = try_receive(sock, false, fn)
    if not verdict then return nil, err, errno end
    if verdict == "closed" then return recvfrom_nonblock(sock) end
    if verdict == "break" then break end
  end
  return args[1]
end

local LOOP_ON = spec "udp_server_loop_on"

--- Calls the function for each datagram that the sockets take. Answers to
-- Ruby's `Socket.udp_server_loop_on`.
-- @function Socket.udp_server_loop_on
-- @tparam {Socket,...} sockets they stay open
-- @tparam function fn is called with the datagram and its UDPSource; returns
-- `Socket.BREAK` to end the loop
-- @treturn boolean true when the loop was ended or the sockets were closed
-- @error nil, err, errno
function Socket.udp_server_loop_on(...)
  return serve_on(LOOP_ON, receive_each, ...)
end

local UDP = spec("udp_server_loop", KEYWORDS)

--- Opens a UDP server and calls the function for each datagram. The server's
-- sockets are closed at the end of the loop. Answers to Ruby's
-- `Socket.udp_server_loop`.
-- @function Socket.udp_server_loop
-- @tparam[opt] string host
-- @tparam integer|string port
-- @tparam[opt] table opts `reuseport` as for the functions that open servers;
-- `listening` is a function that is called with the list of sockets before the
-- loop begins
-- @tparam function fn as for `Socket.udp_server_loop_on`
-- @treturn boolean true when the loop was ended
-- @error nil, err, errno
function Socket.udp_server_loop(...)
  return serve_at(UDP, listen.udp, receive_all, ...)
end

Socket.BREAK = BREAK
