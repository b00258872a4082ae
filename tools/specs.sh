#!/bin/sh
# Runs the specs, or those given, with what was built in the folder SPEC_BUILD,
# under the interpreter SPEC_LUA. The last line counts them; fails if one does.

SPEC_BUILD=${SPEC_BUILD:-./build}
SPEC_LUA=${SPEC_LUA:-lua5.4}
export SPEC_BUILD SPEC_LUA
unset MAKEFLAGS MAKELEVEL # a spec calls make, too

counts=$SPEC_BUILD/counts
rm -f "$counts"
"$SPEC_LUA" "$(command -v busted)" --ignore-lua \
  -o spec/support/summary.lua -Xoutput "$counts" "$@"
status=$?

passed=0 failed=0 skipped=0
if [ -f "$counts" ]; then
  read -r passed failed skipped < "$counts"
fi
if [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "the run ended with status $status" >&2
  failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
