# The front doors of the repository. Each is a script of its own under scripts/ where it is more than a line.

JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run build test test-quick check bench chaos fuzz image catalogue clean

help: ## print this list
	@echo 'Switchyard: a webhook gateway behind Tencent Cloud Chat'"'"'s one callback URL.'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build, start the gateway with two subscribers, and show a callback arriving
	@JOBS=$(JOBS) scripts/run

build: ## install what the build needs if it is missing, and build for debugging
	@scripts/require-swift
	@scripts/install-packages build
	swift build -j $(JOBS)

test: ## install what is missing and run every test: Swift's, then end to end against the built binary
	@JOBS=$(JOBS) scripts/test

test-quick: ## run the Swift tests alone; needs no root
	@JOBS=$(JOBS) scripts/test --quick

check: ## what CI runs: the format, the scripts, a release build, then make test
	@JOBS=$(JOBS) scripts/check

bench: ## measure; prints ratios against what is measured in the same run
	@JOBS=$(JOBS) scripts/bench

chaos: ## break three gateways and their database for ten minutes, as root; CHAOS_SECONDS and CHAOS_SEED say more
	@JOBS=$(JOBS) scripts/chaos $(or $(CHAOS_SECONDS),600) $(CHAOS_SEED)

fuzz: ## run each fuzzer for a minute; FUZZ_SECONDS=600 for longer, TARGET=Body for one alone
	@JOBS=$(JOBS) scripts/fuzz

image: ## build the runtime image without a Docker engine, and start it, as root; BASES=local needs no registry
	@JOBS=$(JOBS) scripts/build-image $(if $(filter local,$(BASES)),--local-bases)
	@scripts/check-image

catalogue: build ## write docs/catalogue.md anew, after a change to the catalogue
	$$(swift build --show-bin-path)/switchyard catalogue --markdown > docs/catalogue.md

clean: ## delete what was built, the Python environment included
	rm -rf .build
