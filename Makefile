# make                the module for the installed Lua 5.4
# make sockeye        the stand-alone interpreter
# make install        both, and the Lua files, under PREFIX (and DESTDIR)
# make test, demo     install what is missing, build, run the specs or the demo
# make check          everything that a change must pass
# make test-oracle    the same random cases through Ruby and this library:
#                     CASES=20000 SEED=...
# make fuzz           bytes that libFuzzer finds: RUNS=1000000 FUZZERS=...
# make lint layers consts asan oom gc portable bench doc clean
#                     parts of it, and the rest
# CC=clang, PORTABLE=1 (no call beyond POSIX), WERROR=1, CFLAGS=..., V=1 (shows
# the commands) as usual.

MAKEFLAGS += --no-print-directory
IS_SILENT = $(findstring s,$(firstword -$(MAKEFLAGS)))
SHOW = $(if $(V),,@$(if $(IS_SILENT),,echo "  making $@";))

LUA ?= lua5.4
LUA_VERSION = 5.4
BUSTED ?= $(shell command -v busted)
PREFIX ?= /usr/local
BUILD ?= build$(if $(PORTABLE),/portable)

# The folder of lua.h, and the library for the stand-alone interpreter.
LUA_FOLDERS = /usr/include/lua$(LUA_VERSION) /usr/local/include/lua$(LUA_VERSION) \
  /usr/local/include /usr/include
LUA_INCLUDE ?= $(patsubst %/lua.h,%,$(firstword $(wildcard \
  $(LUA_FOLDERS:=/lua.h))))
LUA_CFLAGS ?= $(addprefix -isystem ,$(LUA_INCLUDE))
LUA_STATIC ?= -l:liblua$(LUA_VERSION).a

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wold-style-definition -Wvla -Wcast-qual \
  -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wconversion \
  -Wno-sign-conversion -Werror=implicit-function-declaration $(if $(WERROR),-Werror)
CFLAGS ?= -O3 -g
FEATURES = -std=c11 -D_GNU_SOURCE $(if $(PORTABLE),-DLSK_PORTABLE)
ALL_CFLAGS = $(FEATURES) -fPIC -fno-plt -fvisibility=hidden $(WARNINGS) \
  $(LUA_CFLAGS) $(CFLAGS)

# Line editing in the interpreter, where the library is installed.
READLINE ?= $(if $(PORTABLE),,$(wildcard /usr/include/readline/readline.h))
PROMPT = src/prompt_$(if $(READLINE),readline,plain).c

# The interpreter without the module.
PROGRAM_FILES = main options repl signals sys_process workers
PROGRAM_SOURCES = $(PROGRAM_FILES:%=src/%.c) $(PROMPT)
SOURCES = $(filter-out $(PROGRAM_SOURCES) src/prompt_%,$(wildcard src/*.c))
LUA_FILES = $(wildcard lua/*.lua lua/*/*.lua lua/*/*/*.lua)
C_SPECS = $(wildcard spec/c/*_test.c)

OBJECTS = $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
PROGRAM_OBJECTS = $(PROGRAM_SOURCES:src/%.c=$(BUILD)/obj/%.o)
MODULE = $(BUILD)/socket/native.so
PROGRAM = $(BUILD)/sockeye

all: $(MODULE)

sockeye: $(PROGRAM)

$(MODULE): $(OBJECTS)
	@mkdir -p $(@D)
	$(SHOW)$(CC) $(CFLAGS) -shared -Wl,-z,nodelete $(LDFLAGS) -o $@ $^ -pthread

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(SHOW)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What the objects were built with: another compiler or flag builds them anew.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || \
	  echo '$(CC) $(ALL_CFLAGS)' > $@

$(BUILD)/embedded.c: tools/embed.lua $(LUA_FILES)
	@mkdir -p $(@D)
	$(SHOW)$(LUA) tools/embed.lua lua socket.native > $@.new
	@mv $@.new $@

# All of Lua goes in, and its names out, for other rocks' C modules.
LINK_PROGRAM = $(CC) $(ALL_CFLAGS) $(LDFLAGS) -iquote src -Wl,-E -o $@ $^ \
  -Wl,--whole-archive $(LUA_STATIC) -Wl,--no-whole-archive \
  $(if $(READLINE),-lreadline) -lm -ldl -pthread

$(PROGRAM): $(PROGRAM_OBJECTS) $(OBJECTS) $(BUILD)/embedded.c
	$(SHOW)$(LINK_PROGRAM)

# The same interpreter without modules inside: `make asan` tests the module in
# it, since sanitizers have to be in the program, too.
$(BUILD)/lua: $(PROGRAM_OBJECTS) $(BUILD)/empty.c
	$(SHOW)$(LINK_PROGRAM)

$(BUILD)/empty.c: tools/embed.lua
	@mkdir -p $(@D)
	$(SHOW)$(LUA) tools/embed.lua > $@

# C tests of what needs no Lua: each file of spec/c is a program, run by a spec.
ctest: $(C_SPECS:spec/c/%.c=$(BUILD)/spec/%) $(BUILD)/spec/counters.so

$(BUILD)/spec/%: spec/c/%.c spec/c/check.h $(OBJECTS)
	@mkdir -p $(@D)
	$(SHOW)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -iquote src -o $@ $< $(OBJECTS) $(LUA_STATIC) \
	  -lm -ldl -pthread

-include $(OBJECTS:.o=.d) $(PROGRAM_OBJECTS:.o=.d)

LIBDIR ?= $(PREFIX)/lib/lua/$(LUA_VERSION)
LUADIR ?= $(PREFIX)/share/lua/$(LUA_VERSION)

install: install-module sockeye
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(PROGRAM) '$(DESTDIR)$(PREFIX)/bin/sockeye'

# What `require` finds; the rockspec builds and installs with this.
install-module: all
	install -d '$(DESTDIR)$(LIBDIR)/socket'
	install -m 755 $(MODULE) '$(DESTDIR)$(LIBDIR)/socket/native.so'
	for file in $(LUA_FILES:lua/%=%); do \
	  install -D -m 644 "lua/$$file" "$(DESTDIR)$(LUADIR)/$$file" || exit 1; \
	done

# The specs, by an interpreter, with what was built in a folder.
SPEC_LUA = $(LUA)
RUN_SPECS = SPEC_BUILD=./$(BUILD) SPEC_LUA=$(SPEC_LUA) tools/specs.sh

specs: all sockeye ctest $(BUILD)/spec/alloc.so $(BUILD)/spec/fork.so
	@$(RUN_SPECS) $(SPECS)

test:
	@tools/need.sh test
	@$(MAKE) specs

demo:
	@tools/need.sh demo
	@$(MAKE) all sockeye
	@tools/demo.sh $(PROGRAM)

# All of it, also behind what failed.
check:
	@tools/need.sh check
	@failed=; for target in $(CHECKS); do \
	  echo "== make $$target"; $(MAKE) -k $$target || failed="$$failed $$target"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi; \
	echo "== all checks passed"

CHECKS = lint layers consts-check strict specs portable asan doc

lint: lint-lua lint-format lint-tidy

lint-lua:
	luacheck -q lua spec tools $(wildcard examples bench rockspec/*.rockspec) \
	  .luacheckrc .busted $(wildcard config.ld)

lint-format:
	clang-format --dry-run -Werror $(wildcard src/*.[ch] spec/*/*.[ch] \
	  bench/c/*.[ch])

lint-tidy:
	@printf '%s\n' $(SOURCES) $(PROGRAM_SOURCES) $(C_SPECS) | \
	  xargs -P 2 -n 1 sh -c '! clang-tidy --quiet "$$@" -- $(FEATURES) \
	  -iquote src $(LUA_CFLAGS) 2>&1 | grep -v "^[0-9]* warnings\? generated"' -

layers:
	$(LUA) tools/layers.lua

strict:
	@$(MAKE) all sockeye ctest WERROR=1 CC=gcc BUILD=build/strict/gcc
	@$(MAKE) all sockeye ctest WERROR=1 CC=clang BUILD=build/strict/clang
	@$(MAKE) all sockeye ctest WERROR=1 CC=gcc PORTABLE=1 \
	  BUILD=build/strict/portable

# Each request for memory fails in turn, around every operation.
oom: all $(BUILD)/spec/alloc.so
	@$(RUN_SPECS) spec/oom

$(BUILD)/spec/alloc.so: spec/oom/alloc.c
$(BUILD)/spec/fork.so: spec/support/fork.c
$(BUILD)/spec/counters.so: spec/support/counters.c src/handle.h src/flow.h

# C modules of the specs.
$(BUILD)/spec/%.so:
	@mkdir -p $(@D)
	$(SHOW)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -iquote src -shared -o $@ $<

portable:
	@$(MAKE) specs PORTABLE=1

gc:
	@SPEC_GC=1 $(MAKE) specs

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
  -fno-omit-frame-pointer

asan:
	@$(MAKE) asan-specs BUILD=build/asan READLINE= CFLAGS='-O1 -g $(SANITIZE)'

asan-specs: all sockeye ctest $(BUILD)/lua $(BUILD)/spec/alloc.so \
  $(BUILD)/spec/fork.so
	@SPEC_BUILD=./$(BUILD) SPEC_LUA=./$(BUILD)/lua tools/asan.sh $(SPECS)

# Random cases through Ruby and this library, and programs of both that talk to
# each other.
CASES ?= 20000

test-oracle:
	@tools/need.sh oracle
	@$(MAKE) all
	@TZ=UTC LUA_PATH='./lua/?.lua;./?.lua' LUA_CPATH='./$(BUILD)/?.so' \
	  timeout 300 $(LUA) spec/oracle/run.lua $(CASES) $(SEED)
	@$(RUN_SPECS) spec/oracle

# A target is a C file of spec/fuzz, or a Lua file that returns a function of
# the bytes. Each runs RUNS times, from its own beginning.
FUZZERS ?= address addrinfo ancdata cmsg line option sockaddr
RUNS ?= 1000000

fuzz:
	@tools/need.sh fuzz
	@$(MAKE) fuzz-targets CC=clang BUILD=build/fuzz READLINE= \
	  CFLAGS='-O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link'

fuzz-targets: $(FUZZERS:%=$(BUILD)/%)
	@for name in $(FUZZERS); do \
	  $(BUILD)/$$name -runs=$(RUNS) -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/ || exit 1; \
	done

$(BUILD)/%: spec/fuzz/%.c spec/fuzz/target.h $(OBJECTS)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -iquote src -o $@ $< \
	  $(OBJECTS) $(LUA_STATIC) -lm -ldl -pthread

$(BUILD)/%: $(BUILD)/lua-target spec/fuzz/%.lua
	@ln -sf $(<F) $@

$(BUILD)/lua-target: spec/fuzz/lua.c spec/fuzz/target.h $(OBJECTS)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -iquote src -o $@ $< \
	  $(OBJECTS) $(LUA_STATIC) -lm -ldl -pthread

# Some of the rows of bench/rows.lua: BENCHES="echo64 line". REPEATS=5 times,
# for SECONDS=1 each; PEERS=0 leaves out other libraries and languages.
BENCH = $(BUILD)/bench

bench:
	@$(if $(filter 0,$(PEERS)),,tools/need.sh bench)
	@$(MAKE) all $(BENCH)/load $(BENCH)/server
	@$(if $(filter counters,$(or $(BENCHES),counters)),$(MAKE) all \
	  BUILD=$(BENCH)/uncounted CFLAGS='$(CFLAGS) -DLSK_COUNTS=0')
	@BENCH_PATH='./lua/?.lua' BENCH_CPATH='./$(BUILD)/?.so' REPEATS=$(REPEATS) \
	  SECONDS=$(SECONDS) PEERS=$(PEERS) $(LUA) bench/run.lua $(BUILD) $(BENCHES)

BUILD_BENCH = $(CC) $(FEATURES) $(WARNINGS) -O2 -o $@ $(filter %.c,$^)

$(BENCH)/load: $(wildcard bench/c/load*.[ch] bench/c/common.[ch])
	@mkdir -p $(@D)
	$(SHOW)$(BUILD_BENCH)

$(BENCH)/server: $(wildcard bench/c/*server.[ch] bench/c/common.[ch])
	@mkdir -p $(@D)
	$(SHOW)$(BUILD_BENCH)

doc:
	@tools/need.sh doc
	@rm -rf build/doc && mkdir -p build/doc/comments
	@$(LUA) tools/doc.lua build/doc/comments
	@ldoc -q .
	@echo "The reference is in build/doc/html/index.html"

# the generated rows of the constants' tables, which are checked in
consts: src/consts.inc src/errnos.inc src/sockopts.inc doc/options.md

src/sockopts.inc: src/sockopts.list src/sockopts.awk
	awk -f src/sockopts.awk $< > $@.new
	mv $@.new $@

OPTIONS_TABLE = awk -f tools/options.awk src/layout_*.c src/sockopts.list

doc/options.md: src/sockopts.list tools/options.awk $(wildcard src/layout_*.c)
	$(OPTIONS_TABLE) > $@.new
	mv $@.new $@

src/%.inc: src/%.list src/consts.awk
	awk -f src/consts.awk $< > $@.new
	mv $@.new $@

consts-check:
	@for name in consts errnos; do \
	  awk -f src/consts.awk src/$$name.list | cmp - src/$$name.inc || exit 1; \
	done
	@awk -f src/sockopts.awk src/sockopts.list | cmp - src/sockopts.inc
	@$(OPTIONS_TABLE) | cmp - doc/options.md

clean:
	rm -rf $(BUILD)

.PHONY: all asan asan-specs bench check clean consts consts-check ctest demo \
  doc FORCE fuzz fuzz-targets gc install install-module layers lint lint-format lint-lua lint-tidy \
  oom portable sockeye specs strict test \
  test-oracle
.DELETE_ON_ERROR:
