#!/bin/sh
# need.sh build|test|oracle|fuzz|demo|check|doc|bench: installs what these targets of the
# Makefile need and this machine lacks, with apt; where that cannot be, says
# what to install.

missing=

# need PACKAGE COMMAND...: the package is there if the command succeeds.
need() {
  package=$1
  shift
  "$@" >/dev/null 2>&1 && return
  case " $missing " in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
  esac
}

lua_has() {
  "${LUA:-lua5.4}" -e "require '$1'"
}

has_lua_headers() {
  for folder in /usr/include/lua5.4 /usr/local/include/lua5.4 \
    /usr/local/include /usr/include; do
    [ -f "$folder/lua.h" ] && return
  done
  [ -n "$LUA_INCLUDE" ]
}

has_fuzzer() {
  folder=$(clang -print-resource-dir) && ls "$folder"/lib/*/*fuzzer*
}

need_build() {
  need gcc command -v "${CC:-cc}"
  need libc6-dev test -f /usr/include/stdio.h
  need lua5.4 command -v "${LUA:-lua5.4}"
  need liblua5.4-dev has_lua_headers
}

need_test() {
  need_build
  need lua-busted lua_has busted
  need lua-busted command -v busted
  need luarocks command -v luarocks
  need strace command -v strace
  need netbase test -f /etc/services
  need netbase test -f /etc/protocols
  need lua-cqueues lua_has cqueues
  need lua-luv lua_has luv
}

need_oracle() {
  need_test
  need ruby command -v ruby
  need erlang-base command -v escript
}

need_fuzz() {
  need_build
  need clang command -v clang
  need libclang-rt-14-dev has_fuzzer
}

need_demo() {
  need_build
  need curl command -v curl
}

need_doc() {
  need lua5.4 command -v "${LUA:-lua5.4}"
  need lua-ldoc command -v ldoc
}

need_check() {
  need_test
  need_doc
  need lua-check command -v luacheck
  need libreadline-dev test -f /usr/include/readline/readline.h
  need clang command -v clang
  need clang-format command -v clang-format
  need clang-tidy command -v clang-tidy
}

need_bench() {
  need_build
  need util-linux command -v taskset
  need linux-perf command -v perf
  need lua-socket lua_has socket.core
  need lua-copas test -f /usr/share/lua/5.2/copas.lua
  need lua-cqueues lua_has cqueues
  need lua-luv lua_has luv
  need ruby command -v ruby
  need erlang-base command -v escript
  need python3 command -v python3
  need nodejs command -v node
}

"need_$1" || exit
[ -z "$missing" ] && exit

if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "Install these packages, as root:$missing" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "Install these (the names are Debian's):$missing" >&2
  exit 1
fi

echo "Installing$missing"
apt="$as_root env DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300"
$apt update
# shellcheck disable=SC2086
$apt install -y --no-install-recommends $missing
