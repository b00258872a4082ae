#!/bin/sh
# Runs the specs with what AddressSanitizer and UndefinedBehaviorSanitizer
# watch over. Leaks are looked for where the system allows that: it takes
# ptrace.

UBSAN_OPTIONS=print_stacktrace=1
ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
export ASAN_OPTIONS UBSAN_OPTIONS

if ! "$SPEC_LUA" -e '' 2>/dev/null; then
  echo "leaks are not looked for: it does not work here" >&2
  ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1
fi
exec tools/specs.sh "$@"
