#!/usr/bin/env escript
%% The other program of erlang_spec.lua: Erlang's socket module at one end.
%% Prints each message as a text that does not depend on the order of fields.

-mode(compile).

-define(LIMIT, 10000).

main([Role | Args]) ->
    run(Role, Args),
    erlang:halt(0, [{flush, true}]).

%% Receives so many messages.
run("receive", [Family, Count]) ->
    Socket = receiver(list_to_atom(Family)),
    show_port(Socket),
    [show_message(Socket) || _ <- lists:seq(1, list_to_integer(Count))];

%% Sends messages there and to a socket of its own, and tells of the latter.
run("send", [Family, Port]) ->
    Domain = list_to_atom(Family),
    Own = receiver(Domain),
    Sender = bound(Domain),
    [begin
         ok = send(Sender, address(Domain, list_to_integer(Port)), Ctrl),
         {ok, Name} = socket:sockname(Own),
         ok = send(Sender, Name, Ctrl),
         show_message(Own)
     end || Ctrl <- messages(Domain)];

%% Sends to a port where nobody is.
run("refused", [Family, Port]) ->
    Domain = list_to_atom(Family),
    Socket = bound(Domain),
    ok = socket:setopt(Socket, level(Domain), recverr, true),
    ok = socket:connect(Socket, address(Domain, list_to_integer(Port))),
    ok = socket:send(Socket, <<"hello">>),
    {error, econnrefused} = socket:send(Socket, <<"again">>, ?LIMIT),
    {ok, Message} = socket:recvmsg(Socket, [errqueue], ?LIMIT),
    show(maps:remove(addr, Message));

%% Tells who sends, and speaks through the descriptor that comes.
run("descriptor_server", [Path]) ->
    Socket = bound(Path),
    ok = socket:setopt(Socket, socket, passcred, true),
    show(listening),
    {ok, #{ctrl := [#{type := credentials, data := Ids}]}} = message(Socket),
    <<Pid:32/native, Uid:32/native, Gid:32/native>> = Ids,
    show(#{pid => Pid, uid => Uid, gid => Gid}),
    {ok, #{ctrl := Passed}} = message(Socket),
    [<<Fd:32/native>>] = [Data || #{type := rights, data := Data} <- Passed],
    {ok, Through} = socket:open(Fd),
    ok = socket:send(Through, <<"from Erlang">>);

%% Says who it is.
run("credentials", [Path, Uid, Gid]) ->
    {ok, Socket} = socket:open(local, dgram),
    ok = socket:connect(Socket, #{family => local, path => Path}),
    Pid = list_to_integer(os:getpid()),
    Ids = <<Pid:32/native, (list_to_integer(Uid)):32/native,
            (list_to_integer(Gid)):32/native>>,
    Ctrl = [#{level => socket, type => credentials, data => Ids}],
    ok = socket:sendmsg(Socket, #{iov => [<<"me">>], ctrl => Ctrl}),
    show(#{pid => Pid, uid => list_to_integer(Uid),
           gid => list_to_integer(Gid)});

%% Tells when a message came, and answers it.
run("timestamp", []) ->
    Socket = bound(inet),
    ok = socket:setopt(Socket, socket, timestamp, true),
    show_port(Socket),
    {ok, #{addr := From, ctrl := [#{type := timestamp, value := Time}]}} =
        message(Socket),
    show(maps:get(sec, Time)),
    show(maps:get(usec, Time)),
    ok = socket:sendto(Socket, <<"back">>, From);

%% Passes a descriptor, and speaks through its other end.
run("descriptor_client", [Path]) ->
    {ok, Listening} = socket:open(local, stream),
    Own = #{family => local, path => Path ++ ".own"},
    {ok, Ours} = socket:open(local, stream),
    ok = socket:bind(Listening, Own),
    ok = socket:listen(Listening),
    ok = socket:connect(Ours, Own),
    {ok, Theirs} = socket:accept(Listening),
    {ok, Fd} = socket:getopt(Theirs, otp, fd),
    {ok, Socket} = socket:open(local, dgram),
    ok = socket:connect(Socket, #{family => local, path => Path}),
    Rights = #{level => socket, type => rights, data => <<Fd:32/native>>},
    ok = socket:sendmsg(Socket, #{iov => [<<"x">>], ctrl => [Rights]}),
    ok = socket:close(Theirs),
    ok = socket:send(Ours, <<"from Erlang">>),
    {ok, Answer} = socket:recv(Ours, 4, ?LIMIT),
    show(Answer);

%% What a request gives of an interface.
run("ioctl", [Name | Requests]) ->
    {ok, Socket} = socket:open(inet, dgram),
    [begin
         {ok, Value} = socket:ioctl(Socket, list_to_atom(Request), Name),
         show(Value)
     end || Request <- Requests].

level(inet) -> ip;
level(inet6) -> ipv6.

address(Domain, Port) ->
    #{family => Domain, addr => loopback, port => Port}.

bound(Domain) when is_atom(Domain) ->
    {ok, Socket} = socket:open(Domain, dgram, udp),
    ok = socket:bind(Socket, address(Domain, 0)),
    Socket;
bound(Path) ->
    {ok, Socket} = socket:open(local, dgram),
    ok = socket:bind(Socket, #{family => local, path => Path}),
    Socket.

receiver(Domain) ->
    Socket = bound(Domain),
    Options = #{inet => [recvtos, recvttl, pktinfo],
                inet6 => [recvpktinfo, recvhoplimit, recvtclass]},
    [ok = socket:setopt(Socket, level(Domain), Option, true)
     || Option <- maps:get(Domain, Options)],
    Socket.

messages(inet) ->
    [[]] ++
    [[#{level => ip, type => ttl, value => Ttl}] || Ttl <- [1, 9, 255]] ++
    [[#{level => ip, type => tos, value => Tos}]
     || Tos <- [lowdelay, throughput, reliability, mincost]] ++
    [[#{level => ip, type => ttl, value => 3},
      #{level => ip, type => tos, value => mincost}]];
messages(inet6) ->
    [[]] ++
    [[#{level => ipv6, type => tclass, value => Class}] || Class <- [0, 12]].

send(Socket, To, Ctrl) ->
    socket:sendmsg(Socket, #{addr => To, iov => [<<"he">>, <<"llo">>],
                             ctrl => Ctrl}).

message(Socket) ->
    socket:recvmsg(Socket, [], ?LIMIT).

show_message(Socket) ->
    {ok, Message} = message(Socket),
    show(Message).

show_port(Socket) ->
    {ok, #{port := Port}} = socket:sockname(Socket),
    show(Port).

show(Term) ->
    io:put_chars([text(Term), $\n]).

text(Map) when is_map(Map) ->
    Fields = [[atom_to_list(Key), $=, text(Value)]
              || {Key, Value} <- maps:to_list(Map)],
    ["{", sorted(Fields), "}"];
text(Number) when is_integer(Number) ->
    integer_to_list(Number);
text(Name) when is_atom(Name) ->
    atom_to_list(Name);
text(Host) when is_tuple(Host) ->
    inet:ntoa(Host);
text(Bytes) when is_binary(Bytes) ->
    binary:encode_hex(Bytes);
text(List) ->
    case List =/= [] andalso io_lib:printable_list(List) of
        true -> List;
        false -> ["[", sorted([text(Element) || Element <- List]), "]"]
    end.

sorted(Texts) ->
    lists:join(" ", lists:sort([unicode:characters_to_list(Text)
                                || Text <- Texts])).
