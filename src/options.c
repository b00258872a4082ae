/*
** The interpreter's command line.
*/

#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORKERS 1024
#define DEFAULT_GRACE 10.0

static const char usage[] =
    "usage: %s [option ...] [script [argument ...]]\n"
    "  -e CODE      run CODE\n"
    "  -l [G=]NAME  require the module NAME into the global G, or NAME\n"
    "  -i           read statements from the terminal after the script\n"
    "  -v           print the version\n"
    "  -E           ignore the environment (LUA_INIT, LUA_PATH, LUA_CPATH)\n"
    "  -W           turn warnings on\n"
    "  --workers N  run the script in N processes; start one that dies anew\n"
    "  --grace S    let open connections end within S seconds of SIGTERM, 10\n"
    "               without this option\n"
    "  -h, --help   print this\n"
    "  -            run the standard input as the script\n"
    "  --           end the options\n";

void lsk_options_help(const char *program) {
  (void)printf(usage, program);
  (void)fflush(stdout);
}

static bool complain(const char *program, const char *before,
                     const char *option, const char *after) {
  (void)fprintf(stderr, "%s: %s'%s'%s\n", program, before, option, after);
  (void)fprintf(stderr, usage, program);
  return false;
}

/* The value behind the name of a long option: "" when it is in the next word;
   NULL for another option. */
static const char *value_behind(const char *option, const char *name) {
  size_t length = strlen(name);
  if (strncmp(option, name, length) != 0) return NULL;
  if (option[length] == '=') return option + length + 1;
  return option[length] == '\0' ? option + length : NULL;
}

static const char *long_value(const char *option) {
  const char *value = value_behind(option, "--workers");
  return value != NULL ? value : value_behind(option, "--grace");
}

char lsk_options_next(char **argv, int *i, const char **value) {
  const char *option = argv[(*i)++];
  char letter = option[1];
  *value = NULL;
  if (letter == 'e' || letter == 'l') *value = option + 2;
  if (letter == '-') *value = long_value(option);
  if (*value != NULL && (*value)[0] == '\0') {
    *value = argv[*i];
    if (*value != NULL) (*i)++;
  }
  return letter;
}

/* Takes an option of one letter; whether it is a known one. */
static bool take_short(struct lsk_options *options, const char *option) {
  bool is_long = option[1] != '\0' && option[2] != '\0';
  switch (option[1]) {
  case 'e':
    options->has_statement = true;
    return true;
  case 'l':
    return true;
  case 'i':
    options->is_interactive = true;
    break;
  case 'v':
    options->shows_version = true;
    break;
  case 'h':
    options->shows_help = true;
    break;
  case 'E':
    options->has_no_environment = true;
    break;
  case 'W':
    break;
  default:
    return false;
  }
  return !is_long;
}

static bool is_known(struct lsk_options *options, const char *option) {
  if (option[1] != '-') return take_short(options, option);
  if (strcmp(option, "--help") != 0) return long_value(option) != NULL;
  options->shows_help = true;
  return true;
}

static bool take_workers(struct lsk_options *options, const char *text) {
  char *end;
  long number = strtol(text, &end, 10);
  if (*end != '\0' || number < 1 || number > MOST_WORKERS) return false;
  options->workers = (int)number;
  return true;
}

static bool take_grace(struct lsk_options *options, const char *text) {
  char *end;
  double seconds = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(seconds) || seconds < 0)
    return false;
  options->grace = seconds;
  return true;
}

/* Takes the value of an option; NULL, or what is wrong with it. */
static const char *take_value(struct lsk_options *options, const char *option,
                              const char *value) {
  bool is_workers = value_behind(option, "--workers") != NULL;
  bool is_grace = value_behind(option, "--grace") != NULL;
  bool is_statement = option[1] == 'e' || option[1] == 'l';
  bool is_missing = value == NULL || value[0] == '-';
  if (is_statement && option[2] != '\0') return NULL;
  if ((is_statement || is_workers || is_grace) && is_missing)
    return " needs argument";
  if (is_workers && !take_workers(options, value))
    return " needs a number from 1 to 1024";
  if (is_grace && !take_grace(options, value))
    return " needs a number of seconds";
  return NULL;
}

/* Whether the script can be run by several processes. */
static bool check_workers(const struct lsk_options *options,
                          const char *program, char **argv) {
  const char *script = argv[options->script];
  if (options->workers == 0) return true;
  if (options->is_interactive)
    return complain(program, "", "-i", " and '--workers' exclude each other");
  if (script == NULL || strcmp(script, "-") == 0)
    return complain(program, "", "--workers", " needs a script's file");
  return true;
}

bool lsk_options_parse(struct lsk_options *options, const char *program,
                       char **argv) {
  int i = 1;
  options->grace = DEFAULT_GRACE;
  while (argv[i] != NULL && argv[i][0] == '-' && argv[i][1] != '\0') {
    const char *option = argv[i];
    const char *value;
    if (strcmp(option, "--") == 0) {
      i++;
      break;
    }
    if (!is_known(options, option))
      return complain(program, "unrecognized option ", option, "");
    (void)lsk_options_next(argv, &i, &value);
    const char *wrong = take_value(options, option, value);
    if (wrong != NULL) return complain(program, "", option, wrong);
  }
  options->script = i;
  return options->shows_help || check_workers(options, program, argv);
}
