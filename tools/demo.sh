#!/bin/sh
# demo.sh SOCKEYE: the HTTP file server of examples/, run by the interpreter,
# serves a folder over IPv4 and IPv6; curl and the library's own client fetch
# from it. Prints what happens and ends with status 0 if all came over whole.

sockeye=$1
work=$(mktemp -d)
root=$work/root
log=$work/server.log
server=
failed=0

finish() {
  [ -n "$server" ] && kill "$server" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# fetch CURL'S ARGUMENTS...
fetch() {
  curl -sS -g --noproxy '*' --max-time 20 "$@"
}

has_ipv6() {
  [ "$(uname)" != Linux ] || grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null
}

# check WHAT COMMAND...: the command succeeds, or the demo fails.
check() {
  what=$1
  shift
  if "$@"; then
    echo "  ok: $what"
  else
    echo "  FAILED: $what"
    failed=1
  fi
}

mkdir -p "$root/data"
echo "<h1>Hello from sockeye</h1>" > "$root/index.html"
head -c 3000000 /dev/urandom > "$root/data/random.bin"

echo "== The server"
echo "\$ sockeye examples/http_server.lua $root 0 &"
"$sockeye" examples/http_server.lua "$root" 0 > "$log" 2>&1 &
server=$!

# It prints a line for each socket once it listens: at most ten seconds.
tries=0
until grep -q "^listening on" "$log"; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
    cat "$log"
    echo "The server did not start." >&2
    exit 1
  fi
  sleep 0.1
done
sleep 0.1 # until the line of the second socket has come, too
cat "$log"

# The addresses at which it can be reached on this machine.
authorities=$(sed -n 's/^listening on //p' "$log" |
  sed 's/^0\.0\.0\.0:/127.0.0.1:/; s/^\[::\]:/[::1]:/')

for authority in $authorities; do
  echo
  if [ "${authority#\[}" != "$authority" ] && ! has_ipv6; then
    echo "== No IPv6 here"
    continue
  fi
  echo "== Clients of http://$authority/"
  echo "\$ curl -i http://$authority/"
  fetch -i "http://$authority/" > "$work/page"
  cat "$work/page"
  check "the page came over" grep -q "Hello from sockeye" "$work/page"

  url=http://$authority/data/random.bin
  echo "\$ curl $url > by_curl"
  fetch "$url" > "$work/by_curl"
  check "3 MB are the same" cmp "$root/data/random.bin" "$work/by_curl"

  echo "\$ sockeye examples/http_get.lua $url > by_sockeye"
  "$sockeye" examples/http_get.lua "$url" > "$work/by_sockeye"
  check "3 MB are the same" cmp "$root/data/random.bin" "$work/by_sockeye"

  missing=http://$authority/missing
  echo "\$ curl $missing"
  code=$(fetch -o /dev/null -w '%{http_code}' "$missing")
  check "a missing file is answered with 404" test "$code" = 404
done

echo
echo "== What the server said"
sed '/^listening on/d' "$log"
check "the server is still there" kill -0 "$server"

echo
if [ $failed -ne 0 ]; then
  echo "The demo failed." >&2
  exit 1
fi
echo "The demo is over: everything came over whole."
