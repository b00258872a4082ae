# Makes the rows {"NAME", VALUE}, of a C array from a list of lines
# `NAME meaning` or `NAME=VALUE meaning`.

/^#/ || NF == 0 { next }

{
  name = value = $1
  sub(/=.*/, "", name)
  sub(/.*=/, "", value)
  row = "    {\"" name "\", " value "},"
  if (value ~ /^[0-9]+$/)
    print row
  else
    print "#ifdef " value "\n" row "\n#endif"
}
