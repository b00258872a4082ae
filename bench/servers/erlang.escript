#!/usr/bin/env escript
%%! +sbwt none +Bd -noinput
%% Serves in one of several modes, after printing its port. A connection has a
%% process, which receives passively.

-mode(compile).

-define(HOST, {127, 0, 0, 1}).

main(["udp"]) ->
    {ok, Socket} = gen_udp:open(0, [binary, {ip, ?HOST}, {active, false}]),
    print_port(inet:port(Socket)),
    serve_udp(Socket);
main([Mode]) ->
    Options = [binary, {ip, ?HOST}, {active, false}, {nodelay, true},
               {backlog, 4096}] ++ packets(Mode),
    {ok, Listener} = gen_tcp:listen(0, Options),
    print_port(inet:port(Listener)),
    accept(Listener, list_to_atom(Mode)).

packets("line") -> [{packet, line}];
packets(_) -> [].

print_port({ok, Port}) -> io:format("~b~n", [Port]).

accept(Listener, Mode) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Process = spawn(fun() -> receive go -> serve(Mode, Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Process),
    Process ! go,
    accept(Listener, Mode).

serve(sink, Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, _} -> serve(sink, Socket);
        {error, _} -> gen_tcp:close(Socket)
    end;
serve(source, Socket) ->
    send_all(Socket, binary:copy(<<"x">>, 65536));
serve(Mode, Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Bytes} ->
            gen_tcp:send(Socket, Bytes),
            serve(Mode, Socket);
        {error, _} -> gen_tcp:close(Socket)
    end.

send_all(Socket, Block) ->
    case gen_tcp:send(Socket, Block) of
        ok -> send_all(Socket, Block);
        {error, _} -> gen_tcp:close(Socket)
    end.

serve_udp(Socket) ->
    {ok, {Host, Port, Bytes}} = gen_udp:recv(Socket, 0),
    gen_udp:send(Socket, Host, Port, Bytes),
    serve_udp(Socket).
