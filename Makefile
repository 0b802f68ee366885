# The project's commands. `make run` and `make test` work on a fresh Debian with a Swift toolchain.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PACKAGES := postgresql libpq-dev zlib1g-dev libjs-leaflet
TEST_PACKAGES := pgbouncer openssl nodejs python3
SWIFT_BUILD := swift build
FUZZ_TARGETS := request chunked frames messages deflate utf8 fixes rfc3339 url
ENGINE_TESTS := (HTTP1|WebSockets|Sockets|Broadcast|Supervision|Telemetry|Endpoint)Tests
# The targets whose tests need no socket, no database and no process.
QUICK_TESTS := ^(Compression|FleetAccess|FleetWire|HTTP1|HarborFleet|StoreCache|Supervision|TextFormats|WebSockets)Tests[.]
comma := ,
FUZZ_BUILD = .build/$(subst $(comma),-,$(SANITIZERS))
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help
help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# Packages that only tests need are installed only for tests.
test test-address test-thread check-structure structure: PACKAGES += $(TEST_PACKAGES)

.PHONY: setup
setup: ## Install the Debian packages that are missing
	@missing=""; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing" >&2; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  $(SUDO) apt-get update -q && $(SUDO) apt-get install -q -y --no-install-recommends $$missing; \
	fi

.PHONY: build
build: setup ## Build the server, optimised
	$(SWIFT_BUILD) -c release --product harbor-fleet

.PHONY: run
run: build ## Build and start the server with a demo fleet driving
	@exec .build/release/harbor-fleet serve --demo

# The number of tests that run at a time. The variable belongs to Swift Testing; `swift test` has no option for
# it yet.
test test-quick: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 4

.PHONY: test
test: setup ## Run all tests, on a real PostgreSQL of their own
	$(SWIFT_BUILD) --build-tests
	# One layer after the other, a few tests at a time: on two cores they would otherwise starve each other.
	swift test --skip-build --filter EventLoopsTests
	swift test --skip-build --filter '$(ENGINE_TESTS)'
	swift test --skip-build --skip 'EventLoopsTests|$(ENGINE_TESTS)|SystemTests|FaultTests|ConformanceTests'
	swift test --skip-build --filter SystemTests
	swift test --skip-build --filter FaultTests
	swift test --skip-build --filter ConformanceTests

.PHONY: test-quick
test-quick: setup ## Run the tests that need no socket, database or process: under a minute on a warm build
	$(SWIFT_BUILD) --build-tests
	swift test --skip-build --filter '$(QUICK_TESTS)'

.PHONY: conformance
conformance: setup ## Test the server against the RFCs' rules; HARBOR_CONFORMANCE_URL=host:port names a running one
	$(SWIFT_BUILD) --build-tests
	swift test --skip-build --filter ConformanceTests

.PHONY: record-names
record-names: setup ## Record the public names again, after an intended change
	$(SWIFT_BUILD) --build-tests
	HARBOR_TEST_RECORD=1 swift test --skip-build --filter 'PublicNamesTests|ConfigurationGuideTests'

.PHONY: faults
faults: FAULTS ?= 300
faults: setup ## Test the server under faults and load, and compare with a ledger: FAULTS=300 SEED=42
	$(SWIFT_BUILD) --build-tests
	HARBOR_TEST_FAULTS=$(FAULTS) $(if $(SEED),HARBOR_TEST_SEED=$(SEED)) swift test --skip-build --filter FaultRunTests

.PHONY: fuzz
fuzz: TARGET ?= $(FUZZ_TARGETS)
fuzz: RUNS ?= 30000
fuzz: SANITIZERS ?= fuzzer,address
fuzz: setup ## Fuzz the parsers: TARGET=url RUNS=1000000 SANITIZERS=fuzzer
	HARBOR_FUZZ=1 $(SWIFT_BUILD) -c release --product fuzz --scratch-path $(FUZZ_BUILD) \
	  --sanitize=fuzzer -Xswiftc -sanitize=$(SANITIZERS) -Xswiftc -enable-testing
	@Tests/Fuzz/run $(FUZZ_BUILD)/release/fuzz $(RUNS) $(TARGET)

.PHONY: test-address
test-address: setup ## Run all tests under the address sanitizer
	Tests/Sanitizers/run address

.PHONY: test-thread
test-thread: setup ## Run all tests under the thread sanitizer
	Tests/Sanitizers/run thread

.PHONY: format
format: ## Format the sources
	swift format -i -r --configuration .swift-format Package.swift Sources Tests Migrations

.PHONY: check-format
check-format: ## Fail if a source is not formatted
	swift format lint --strict -r --configuration .swift-format Package.swift Sources Tests Migrations

.PHONY: check-dependencies
check-dependencies: ## Fail if the resolved packages differ from .ci/dependencies.txt or include SwiftNIO
	@.ci/dependencies check

.PHONY: dependencies
dependencies: ## Rewrite .ci/dependencies.txt from the resolved packages
	@.ci/dependencies update

.PHONY: structure
structure: setup ## Show lines, imports, hubs, and folders that depend on each other
	@.ci/structure

.PHONY: check-structure
check-structure: setup ## Fail if two folders of a target depend on each other
	@.ci/structure --check

.PHONY: outdated
outdated: ## Show the pinned and the newest version of each direct dependency
	@.ci/dependencies outdated

# A code host follows `page.md`, DocC follows `doc:page`. Links that leave the guides become text.
GUIDES := Sources/HarborFleetServer/HarborFleet.docc
GUIDE_LINKS := s/\]\(([a-z-]+)\.md(\#[a-z0-9-]+)?\)/](doc:\1\2)/g; s/\[([^]]*)\]\(\.\.[^)]*\)/\1/g

.PHONY: docs
docs: ## Build the guides as a static site under .build/docs
	@rm -rf .build/docs .build/HarborFleet.docc && mkdir -p .build && cp -r $(GUIDES) .build
	@sed -i -E '$(GUIDE_LINKS)' .build/HarborFleet.docc/*.md
	@sed -i '1a\\n@Metadata {\n  @TechnologyRoot\n}' .build/HarborFleet.docc/HarborFleet.md
	docc convert .build/HarborFleet.docc --warnings-as-errors --output-dir .build/docs \
	  --fallback-display-name 'Harbor Fleet' --fallback-bundle-identifier harbor-fleet \
	  --transform-for-static-hosting

.PHONY: bench
bench: build ## Measure beside nginx and a minimal C server (needs nginx, wrk, cc, psql, strace, valgrind)
	Benchmarks/engine.py
	Benchmarks/idle.py
	Benchmarks/anatomy.py
	Benchmarks/ingest.py
	Benchmarks/reload.py
	Benchmarks/track.py
	Benchmarks/isolation.py
	Benchmarks/floods.py

.PHONY: image
image: ## Build the container image
	docker build -t harbor-fleet .

.PHONY: clean
clean: ## Remove all build products (not the data)
	rm -rf .build
