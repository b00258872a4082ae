# Makes the table of socket options for people.
# usage: awk -f options.awk src/layout_*.c src/sockopts.list

BEGIN {
  value["bool"] = "boolean"
  value["int"] = "integer"
  value["uint"] = "integer from 0"
  value["byte"] = "integer from 0 to 255"
  value["ttl"] = "integer from 1 to 255"
  value["hops"] = "integer from 0 to 255, or `\"default\"`"
  value["tos"] = "`\"lowdelay\"`, `\"throughput\"`, `\"reliability\"`, " \
    "`\"mincost\"`, or an integer from 0 to 255"
  value["pmtudisc"] = "`\"want\"`, `\"dont\"`, `\"do\"`, `\"probe\"`, or an integer"
  value["domain"] = "`\"inet\"`, `\"inet6\"`, `\"local\"`, ..."
  value["type"] = "`\"stream\"`, `\"dgram\"`, ..."
  value["protocol"] = "`\"tcp\"`, `\"udp\"`, ...; `\"default\"` for 0"
  value["addrform"] = "`\"inet\"`"
  value["ipv4"] = "address, or `\"any\"`"
  value["ifindex"] = "index of an interface, or its name"
  value["name"] = value["string"] = "string"
  value["header"] = "bytes, or false for none"
  value["tcp_info"] = "table"
  value["any"] = "any value"
  value["reads"] = "`\"default\"`, integer above 0, or `{reads=, size=}`"
  value["size"] = "`\"default\"` or integer above 0"
  access["rw"] = "get, set"
  access["r"] = "get"
  access["w"] = "set"
  print "# Socket options"
  print ""
  print "What `getopt` and `setopt` read and set. A value that is a table has the"
  print "fields that stand here; addresses are texts. The constant is the system's name,"
  print "which serves as well; where a system does not have it, both give `ENOPROTOOPT`,"
  print "and `Socket.supports` says so. Made from `src/sockopts.list`."
}

# The fields of a struct's layout.
/^static const struct lsk_field .*_fields\[\]/ {
  layout = $5
  sub(/_fields.*/, "", layout)
  fields = ""
}

layout != "" && match($0, /(FIELD\(|NEEDED\(|COUNTED\(|name = )("[a-z0-9_]+"|NULL)/) {
  field = substr($0, RSTART, RLENGTH)
  gsub(/.*[( ]|"/, "", field)
  fields = fields (fields == "" ? "" : ", ") field "="
}

/^};/ && layout != "" {
  value[layout] = fields == "NULL=" ? "integer" : "`{" fields "}`"
  if (layout == "linger") value[layout] = value[layout] " or `\"abort\"`"
  if (layout == "ip_msfilter") value[layout] = value[layout] " or `\"null\"`"
  layout = ""
}

FILENAME !~ /list$/ || /^#/ || NF == 0 { next }

$1 != level {
  level = $1
  print ""
  print "## " level
  print ""
  print "| name | constant | value | access | meaning |"
  print "|---|---|---|---|---|"
}

{
  meaning = $0
  for (i = 1; i <= 6; i++) sub(/^[^ ]+ /, "", meaning)
  constant = $3 ~ /^OWN_/ ? "" : "`" $3 "`"
  if (!($4 in value)) {
    print "no description of " $4 > "/dev/stderr"
    exit 1
  }
  print "| `" $2 "` | " constant " | " value[$4] " | " access[$5] " | " meaning " |"
}
