# Makes the rows of a C array from sockopts.list.

/^#/ || NF == 0 { next }

function row(number) {
  return "    {\"" $2 "\", \"" $3 "\", LSK_AT_" toupper($1) ", " number ", " \
    layout ", " access ", LSK_TEXT_" text "},"
}

{
  is_own = $3 ~ /^OWN_/
  layout = is_own ? "NULL" : "&lsk_layout_" $4
  access = $5 == "rw" ? "LSK_GET | LSK_SET" : $5 == "r" ? "LSK_GET" : "LSK_SET"
  text = $6 == "-" ? "QUOTED" : toupper($6)
  if (is_own)
    print row("LSK_" $3)
  else
    print "#ifdef " $3 "\n" row($3) "\n#else\n" row("LSK_ABSENT") "\n#endif"
}
