# watchdog.bash PID SECONDS: reads a line as each example begins. When none
# comes in time it interrupts the process, as Ctrl-C does, so that the example
# fails and the run goes on; if that does not help, it kills the process.

trap '' INT
limit=$2
while :; do
  read -r -t "$limit" line
  status=$?
  if [ $status -eq 0 ]; then
    name=$line
    limit=$2
    told=
  elif [ $status -le 128 ] || ! kill -0 "$1"; then
    exit 0
  elif [ -n "$told" ]; then
    echo "killed in: $name" >&2
    kill -KILL "$1"
    exit 1
  else
    echo "no end after $2 s of: $name" >&2
    kill -INT "$1"
    limit=5
    told=yes
  fi
done
