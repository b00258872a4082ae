#!/usr/bin/env escript
%% Sets and reads socket options. Each argument line of the file is a term
%% {Kind, Level, Option, get} or {Kind, Level, Option, {set, Value}}; what comes
%% of it on a new socket of that kind is printed, a line each; "absent" where
%% Erlang was built without the option.

main([Path]) ->
    {ok, Cases} = file:consult(Path),
    lists:foreach(fun(Case) -> io:format("~s~n", [answer(Case)]) end, Cases).

answer({Kind, Level, Option, What}) ->
    case proplists:get_value(Option, socket:supports(options, Level)) of
        true -> answer(Kind, Level, Option, What);
        _ -> "absent"
    end.

answer(Kind, Level, Option, What) ->
    {ok, Socket} = new(Kind),
    Answer = try_it(Socket, {Level, Option}, What),
    ok = socket:close(Socket),
    Answer.

new(tcp) -> socket:open(inet, stream, tcp);
new(udp) -> socket:open(inet, dgram, udp);
new(tcp6) -> socket:open(inet6, stream, tcp);
new(udp6) -> socket:open(inet6, dgram, udp);
new(raw) -> socket:open(inet, raw, icmp);
new(raw6) -> socket:open(inet6, raw, {raw, 255});
new(unix) -> socket:open(local, stream, default).

try_it(Socket, Option, get) ->
    show(socket:getopt(Socket, Option));
try_it(Socket, Option, {set, Value}) ->
    case socket:setopt(Socket, Option, Value) of
        ok -> show(socket:getopt(Socket, Option));
        Failed -> ["set: ", show(Failed)]
    end.

show({ok, [Byte | _] = Bytes}) when is_integer(Byte) ->
    io_lib:format("~p", [lists:takewhile(fun(B) -> B =/= 0 end, Bytes)]);
show({ok, []}) ->
    "\"\"";
show({ok, Value}) ->
    io_lib:format("~w", [Value]);
show({error, enotsup}) ->
    "eopnotsupp";
show({error, Name}) when is_atom(Name) ->
    atom_to_list(Name);
show({error, {invalid, _}}) ->
    "enoprotoopt".
