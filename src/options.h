/*
** The interpreter's command line: what lua5.4 takes, and what is sockeye's own.
*/

#ifndef LSK_OPTIONS_H
#define LSK_OPTIONS_H

#include <stdbool.h>

/* What the command line asks for; `script` is the script's index in argv, or
   that of the NULL at the end. */
struct lsk_options {
  int script;
  int workers;  /* how many processes run the script; 0: this one */
  double grace; /* seconds that open connections have to end in */
  bool is_interactive;
  bool shows_version;
  bool shows_help;
  bool has_statement;
  bool has_no_environment;
};

/* Reads the options up to the script; false when it has complained of one, in
   the name of `program`. */
bool lsk_options_parse(struct lsk_options *options, const char *program,
                       char **argv);

/* One of the options again: its letter ('-' for a long one), its value or NULL.
   `*i` is its index, and becomes that of what follows. */
char lsk_options_next(char **argv, int *i, const char **value);

/* Prints what the options are. */
void lsk_options_help(const char *program);

#endif
