# SPDX-License-Identifier: Apache-2.0
# A front for Meson and Ninja, which do the work, and for the scripts in tools/. "make help".

MAKEFLAGS += --no-print-directory
# one recipe at a time: Ninja is the parallel one
.NOTPARALLEL:
.DEFAULT_GOAL := all

BUILD := build

.PHONY: all
all: ## build the program: build/picket
	@tools/deps --check build
	@tools/build $(BUILD)

.PHONY: run
run: ## install what is missing, build, and print events until Ctrl-C (ARGS="-o json ...")
	@tools/deps --install build
	@tools/build $(BUILD)
	@tools/run $(ARGS)

.PHONY: test
test: ## install what is missing, build, and run every test (PARTS="release debug vm deny containers attacks creds falco sigma bypasses vmself")
	@tools/deps --install build test $(if $(filter-out release debug,$(or $(PARTS),vm)),vm)
	@tools/test $(PARTS)

.PHONY: test-deny
test-deny: ## try to get past rules in every way there is, half an hour
	@tools/deps --install build test vm
	@DENY_FULL=1 tools/test deny

.PHONY: test-bypasses
test-bypasses: ## every way around rules that docs/bypasses.md names, with floods of 300,000 events
	@tools/deps --install build test vm
	@BYPASSES_FULL=1 tools/test bypasses

.PHONY: attacks
attacks: ## attack hosts and containers in every way of a catalogue, both kernels; writes docs/verdicts.md
	@tools/deps --install build test vm
	@ATTACKS_FULL=1 tools/test attacks

.PHONY: test-sigma
test-sigma: ## every Sigma rule beside the checkout: provoked, and nearly; both kernels and backends
	@tools/deps --install build test vm
	@SIGMA_FULL=1 tools/test sigma

.PHONY: test-long
test-long: ## as root: a million random rules and events, kernel against reference (PAIRS=5000000)
	@tools/deps --install build test
	@tools/build $(BUILD) -Dtests=true
	@tools/test-long $(PAIRS)

.PHONY: check
check: ## format, warnings as errors with gcc and clang, clang-tidy, shellcheck, man page
	@tools/deps --install build test lint
	@tools/check $(CHECKS)

.PHONY: standins
standins: ## as root: short containers come and go, and nothing may stay behind (COUNT=100000)
	@tools/deps --install build test
	@tools/build $(BUILD) -Dtests=true
	@bench/standins --build $(BUILD) $(if $(COUNT),--count $(COUNT))

.PHONY: bench
bench: ## measure what it costs: docs/performance.md says how to read it
	@tools/deps --install build test vm
	@tools/build $(BUILD) -Dtests=true
	@bench/run $(ARGS)

.PHONY: fuzz
fuzz: ## fuzz the parsers with libFuzzer, a minute each (SECONDS=600)
	@tools/deps --install build test fuzz
	@tools/fuzz $(SECONDS)

.PHONY: debug
debug: ## build with sanitizers, for debugging: build-debug/picket
	@tools/deps --check build test
	@tools/build build-debug --buildtype=debug -Db_sanitize=address,undefined -Dtests=true

.PHONY: format
format: ## format the C files
	@tools/format

.PHONY: deps
deps: ## install what building and testing need (Debian, Ubuntu)
	@tools/deps --install all

.PHONY: install
install: all ## install program, man page and completion (DESTDIR=, PREFIX=/usr/local)
	@$(if $(PREFIX),tools/build $(BUILD) --prefix=$(PREFIX))
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild --quiet

.PHONY: uninstall
uninstall: ## remove what the last "make install" installed
	@ninja -C $(BUILD) --quiet uninstall

.PHONY: clean
clean: ## remove all that was built; the virtual machine's image stays
	@rm -rf build build-debug build-gcc build-clang build-fuzz

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
