# One command each; every target does its own set-up. `make help` lists them.
PYTHON ?= python3.13
PORT ?= 7071
SIM_PORT ?= 7070
SECONDS ?= 300
CALLS ?= 200000
HOST ?= your-app.azurewebsites.net
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
# Inside a container these two make the worker library believe that it runs in Azure.
unexport CONTAINER_NAME WEBSITE_INSTANCE_ID
# Container images often forbid compiled files: then each of the processes that tests start compiles all of it again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run demo test test-dates faketime lint types unit export check package recipes eval docs bench growth plot canary proofs sweeps load blocking fuzz \
  console-test screenshots torture lock setup tools browser clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: $(VENV)/ready ## Serve the app and, without DD_SITE, a simulated DeskDirector (PORT, SIM_PORT)
	@$(BIN)/python -m workbench serve --port $(PORT) --simulator-port $(SIM_PORT) $(if $(DD_SITE),--site $(DD_SITE))

demo: $(VENV)/ready ## Tell the main job as a story, every step checked
	@$(BIN)/python -m workbench demo --port $(PORT) --simulator-port $(SIM_PORT)

test: setup tools browser faketime lint types unit ## Lint, types and the whole test suite
	@$(BIN)/python -m tests.dates --short

test-dates: setup faketime ## The tests on other days: end of February, leap day, clock changes, after 2038
	@$(BIN)/python -m tests.dates

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/bandit -q -c pyproject.toml -r connector function_app.py

types: setup
	@$(BIN)/mypy

unit: setup tools
	@$(BIN)/python -m pytest -n auto --dist worksteal

export: setup ## Write every generated definition (HOST=your-app.azurewebsites.net)
	@$(BIN)/python -m workbench export --host $(HOST)

check: setup ## Check the generated definitions against Microsoft's rules
	@$(BIN)/python -m workbench check

package: setup ## Build the packages to upload, the wheel and the bill of materials, under build/
	@$(BIN)/python -m workbench package --host $(HOST)

recipes: $(VENV)/ready ## Build what makers import, connector and recipes, with no more than `run` needs
	@$(BIN)/python -m workbench package --only-uploads --host $(HOST)

eval: setup ## Thirty requests and six attacks by scripted models, over MCP
	@$(BIN)/python -m evals

docs: setup docs/.site/node_modules/.ready ## The documentation as a site with search, under build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet && echo "Open build/site/index.html."

docs/.site/node_modules/.ready: docs/.site/package-lock.json
	@cd docs/.site && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.ready

bench: setup ## Measure speed, as ratios (also to version 1.0.0), in one table, in about five minutes
	@$(BIN)/python -m benchmarks

growth: setup ## Measure how costs grow with connections, listeners, subscriptions, pending, keys, registrations, operations
	@$(BIN)/python -m benchmarks.growth

plot: setup ## Draw how many events a second the relay takes in and delivers, into docs/images/relay.svg
	@$(BIN)/python -m benchmarks.throughput docs/images/relay.svg

canary: setup ## Search every output of every operation under every fault for the key that was sent
	@CANARY=whole $(BIN)/python -m pytest -q -s -n 0 tests/test_canary.py

proofs: setup tools browser ## The whole test suite in its long form: every case of every table, polling over any three factors
	@PROOFS=whole SWEEPS=whole READS=whole CANARY=whole $(BIN)/python -m pytest -n auto --dist worksteal

sweeps: setup ## The polling triggers over every combination of any three factors, not of two
	@SWEEPS=whole $(BIN)/python -m pytest -q -n auto tests/relay/polling

fuzz: setup ## Bytes for every parser, calls made up from the OpenAPI document, bounded in time (SECONDS=300)
	@$(BIN)/python -m tests.fuzz.parsers --seconds $$(($(SECONDS) / 3))
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

console-test: setup tools browser ## The console's long browser tests: every form, width and scheme
	@CONSOLE=whole $(BIN)/python -m pytest -q -n auto tests/serving/console

screenshots: setup browser ## Take the pictures of docs/images again
	@$(BIN)/python -m tests.serving.console.screenshots

load: setup ## Calls at up to twice the capacity and back; nothing may grow (CALLS=200000)
	@mkdir -p build && $(BIN)/python -m tests.load --calls $(CALLS) --plot build/load.svg

blocking: setup ## How long hostile requests and large answers keep other callers waiting
	@$(BIN)/python -m tests.load.blocking

torture: setup tools ## Kill the host again and again while events come in; nothing may be lost
	@$(BIN)/python -m tests.torture

lock: setup ## Pin what is deployed, with hashes: requirements.in -> requirements.lock
	@for name in requirements requirements-host; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version $$([ $$name = requirements ] && echo 3.11 || echo 3.13) \
	    --generate-hashes --no-header --no-annotate -o $$name.lock $$name.in || exit 1; done

setup: $(VENV)/ready-to-test

# An environment of another Python, or one that was moved here with its folder, is made again.
ifneq ($(wildcard $(VENV)/ready),)
ifneq ($(shell cat $(VENV)/ready),$(shell $(BIN)/python -c 'import os, sys; print("%d.%d" % sys.version_info[:2], os.path.realpath(sys.prefix))' 2>/dev/null))
$(info The environment in $(VENV) is of another Python or another folder; it is made again.)
$(shell rm -rf $(VENV))
endif
endif

IS_3_13 := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null

# To run it takes a third of the packages that testing takes.
$(VENV)/ready: requirements.in requirements-host.in
	@$(PYTHON) $(IS_3_13) \
	  || { echo "Python 3.13 is needed: put it on the path as $(PYTHON), or say PYTHON=/path/to/python3.13."; exit 1; }
	@$(BIN)/python $(IS_3_13) || rm -rf $(VENV)
	@$(PYTHON) -P workbench/set_up.py $(VENV) requirements.in requirements-host.in
	@$(BIN)/python -m compileall -q connector workbench
	@$(BIN)/python -c 'import os, sys; print("%d.%d" % sys.version_info[:2], os.path.realpath(sys.prefix))' >$@

$(VENV)/ready-to-test: $(VENV)/ready requirements-dev.txt
	@$(PYTHON) -P workbench/set_up.py $(VENV) requirements-dev.txt
	@touch $@

# npm tools that tests run for real: each folder under tests/tools with a lock file.
TOOL_LOCKS := $(wildcard tests/tools/*/package-lock.json)
tools: $(TOOL_LOCKS:package-lock.json=node_modules/.ready)

tests/tools/%/node_modules/.ready: tests/tools/%/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed for the checks that run Microsoft's and others' own tools."; exit 1; }
	@echo "Installing npm packages for $(@D) …" && cd tests/tools/$* && npm ci --ignore-scripts --no-audit --no-fund --silent \
	  || { echo "The npm packages cannot be installed: is the registry that npm uses reachable?"; exit 1; }
	@touch $@

browser: ## (part of test) Chromium from Debian's packages
	@command -v chromium >/dev/null || { echo "Installing Chromium …" && $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium >/dev/null; } \
	  || { echo "Chromium is needed to test the console and the reference page: install Debian's package chromium."; exit 1; }

faketime: ## (part of test) faketime from Debian's packages
	@command -v faketime >/dev/null || { echo "Installing faketime …" && $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq faketime >/dev/null; } \
	  || { echo "faketime is needed to test other days: install Debian's package faketime."; exit 1; }

clean: ## Remove everything that the other targets made
	rm -rf $(VENV) .data build .mypy_cache .ruff_cache .pytest_cache tests/tools/*/node_modules
