# Two commands: `make run` starts everything, `make test` checks everything. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MODULES := frontend/node_modules/.installed
BUILT := frontend/dist/.built
PEERS := tests/clients/node_modules/.installed tests/conformance/node_modules/.installed tests/journeys/node_modules/.installed
FRONTEND_SOURCES := $(shell find frontend schema/schema.graphql -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/generated/*' 2>/dev/null)
WORKERS ?= 3
CHECKS := types frontend-check style layers
TOGETHER := $(MAKE) --no-print-directory --output-sync=line -j2

.PHONY: help run test check units style types layers frontend-check bench soak frontend schema screenshots lock clean python-version node-version browser

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: ## Build what is missing, start everything on http://localhost:8000 with the demo programme
	@$(TOGETHER) $(INSTALLED) $(BUILT)
	@exec $(BIN)/stampbook serve --demo

test: ## Everything that CI runs
	@$(TOGETHER) $(CHECKS) browser $(BUILT) $(PEERS)
	@# What fails beside others gets one more chance alone: a browser or a race on a crowded machine, never a wrong answer.
	$(BIN)/pytest -n $(WORKERS) --no-loadscope-reorder --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS) || \
	  $(BIN)/pytest --last-failed --last-failed-no-failures none $(PYTEST_ARGS)

check: ## The fast part: style, types, layers, unit tests
	@$(TOGETHER) units $(CHECKS)

units: $(INSTALLED)
	$(BIN)/pytest --units -q

style: $(INSTALLED)
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .

types: $(INSTALLED)
	$(BIN)/mypy app auth wallet schema tests

layers: $(INSTALLED)
	$(BIN)/lint-imports
	$(BIN)/python -m schema.export --check

# Building writes the types that these read.
frontend-check: $(BUILT)
	cd frontend && npm run --silent check && npm test --silent

bench: $(INSTALLED) $(BUILT) ## Measure, as ratios within one run; writes .stampbook/bench.json
	$(BIN)/python -m tests.benchmarks

soak: $(INSTALLED) ## The long runs of the ledger's proofs
	STAMPBOOK_SOAK=1 $(BIN)/pytest tests/ledger tests/simulation tests/faults -q --timeout 7200

frontend: $(BUILT) ## Build the front ends

schema: $(INSTALLED) ## Write schema/schema.graphql anew from the code
	$(BIN)/python -m schema.export

screenshots: $(INSTALLED) $(BUILT) browser ## Make the README's pictures from the running product
	$(BIN)/python -m tests.screenshots

lock: ## Resolve the Python dependencies anew
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --all-extras pyproject.toml -o requirements.lock

clean: ## Remove what was built; .stampbook (your data) stays
	rm -rf $(VENV) frontend/node_modules frontend/dist tests/*/node_modules

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Stampbook needs Python 3.11 or newer: '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }

node-version:
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null || \
	  { echo "Stampbook needs Node 20.19 or newer to build its front ends: found $$(node --version 2>/dev/null || echo none)."; exit 1; }

browser: $(INSTALLED)
	@$(BIN)/python -m tests.browser

$(INSTALLED): requirements.lock pyproject.toml | python-version
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked Python packages…"
	@sed -n '/^uv==/,/# via/p' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r $(VENV)/uv.lock
	@$(BIN)/uv pip install -q --require-hashes -r requirements.lock
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(MODULES): frontend/package-lock.json | node-version
	@echo "Installing the locked frontend packages…"
	@cd frontend && npm ci --silent --no-audit --no-fund
	@touch $@

$(PEERS): %/node_modules/.installed: %/package-lock.json | node-version
	@cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

$(BUILT): $(MODULES) $(FRONTEND_SOURCES)
	@echo "Building the front ends…"
	@cd frontend && npm run --silent build
	@touch $@
