# make            builds the module for the installed Lua 5.4
LUA ?= lua5.4
CC ?= cc
BUILD ?= build
LUA_CFLAGS ?= $(shell pkg-config --cflags lua5.4)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
  -Wmissing-prototypes -Wold-style-definition -Wvla -Wcast-qual \
  -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wconversion \
  -Wno-sign-conversion
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) \
  $(LUA_CFLAGS) $(CFLAGS)
ifdef PORTABLE
ALL_CFLAGS += -DLSK_PORTABLE
endif

SOURCES = $(filter-out src/main.c,$(wildcard src/*.c))
OBJECTS = $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
MODULE = $(BUILD)/socket/native.so

all: $(MODULE)

$(MODULE): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,nodelete $(LDFLAGS) -o $@ $^ -pthread

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# the generated rows of the constants' tables, which are checked in
consts: src/consts.inc src/errnos.inc

src/%.inc: src/%.list src/consts.awk
	awk -f src/consts.awk $< > $@.new
	mv $@.new $@

consts-check:
	for name in consts errnos; do \
	  awk -f src/consts.awk src/$$name.list | cmp - src/$$name.inc || exit 1; \
	done

clean:
	rm -rf $(BUILD)

.PHONY: all clean consts consts-check
