# Everything a person or CI does with this project. `make help` lists it; the targets need Python >= 3.11 and make,
# and bring the rest by themselves (uv and its lock file). Only lint and breaking use Node, for buf.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN    := .venv/bin
BUF    := node_modules/.bin/buf
JOBS   ?= 2
ARGS   ?=
NAME   ?=

# uv, npm and others keep caches below HOME; where it is empty or closed they get a place in .tools/.
ifneq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo open),open)
export HOME := $(shell mkdir -p .tools/home && cd .tools/home && pwd)
endif

# ── The product ──────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: demo
demo: env ## The whole product on made-up contacts, checked against the sandbox's own log (ARGS="--recipients 500 --keep")
	@$(BIN)/angarium demo $(ARGS)

.PHONY: up
up: env ## The stack for daily work: data in .angarium/, merged logs, Ctrl-C drains (ARGS=…)
	@$(BIN)/angarium up $(ARGS)

# ── Checks ───────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: test
test: env ## All tests, on a real PostgreSQL and Valkey that they start themselves (ARGS="tests/unit -k money", JOBS=2)
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

.PHONY: lint
lint: env ## ruff, import rules, buf lint and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --diff . ; echo "run: make fmt"; exit 1; }
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) lint-protos

.PHONY: lint-protos
lint-protos:
	@if ! command -v npm >/dev/null 2>&1; then \
		echo "buf needs Node (https://nodejs.org): the contract's lint and format were NOT checked" >&2; \
		[ "$${CI:-}" != "true" ] || exit 1; \
	else \
		$(MAKE) $(BUF) && $(BUF) lint && \
		{ $(BUF) format --diff --exit-code --path protos/angarium || { echo "run: make fmt"; exit 1; }; }; \
	fi

.PHONY: type
type: env ## mypy --strict
	@$(BIN)/mypy

.PHONY: check
check: lint type gen-check test ## Everything CI checks

.PHONY: breaking
breaking: $(BUF) ## buf breaking: the contract against main (AGAINST=<commit> to choose)
	@scripts/breaking $(AGAINST)

.PHONY: trace
trace: env ## Requirements without a test, per file (ARGS="--ids CON", "--json", "--require CON")
	@$(BIN)/python scripts/trace.py $(ARGS)

# ── Generated and formatted files ────────────────────────────────────────────────────────────────────────────────

.PHONY: gen
gen: env ## The stubs in protos/gen from the contract
	@$(BIN)/python scripts/gen_protos.py

.PHONY: gen-check
gen-check: env ## Fails when the committed stubs are not those of the contract
	@$(BIN)/python scripts/check_generated.py

.PHONY: fmt
fmt: env ## Formats Python and, where Node is, the contract
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@if command -v npm >/dev/null 2>&1; then $(MAKE) $(BUF) && $(BUF) format --write --path protos/angarium; fi

# ── Long runs ────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: bench
bench: env ## Benchmarks beside their floors (NAME=campaign for one)
	@$(BIN)/python -m bench $(NAME) $(ARGS)

.PHONY: chaos
chaos: env ## A campaign while every role is killed again and again; then lost and duplicates are counted
	@$(BIN)/python -m pytest -p no:randomly -s -m chaos --override-ini=timeout=1800 tests/chaos tests/e2e tests/privacy tests/bench $(ARGS)

.PHONY: kills
kills: env ## A campaign to 100,000 contacts, killed at every step of its expansion and hand-over (CONTACTS=…)
	@KILLED_CONTACTS=$(or $(CONTACTS),100000) $(BIN)/python -m pytest -p no:randomly -s tests/campaign/runs/test_kills.py $(ARGS)

.PHONY: soak
soak: env ## Everything at once at the capacity of this machine for ten minutes, then beyond it (ARGS="--seconds 60")
	@$(BIN)/python -m bench.soak $(ARGS)

# ── The workshop ─────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: env
env: .venv/.synced

.venv/.synced: pyproject.toml uv.lock
	@$(PYTHON) scripts/bootstrap.py

$(BUF): package.json package-lock.json
	@npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $(BUF)

.PHONY: hooks
hooks: env ## Installs the pre-commit hooks (the fast checks only)
	@$(BIN)/pre-commit install

.PHONY: secrets
secrets: ## The secrets of a compose installation, drawn once into deploy/secrets/
	@$(PYTHON) scripts/compose_secrets.py

.PHONY: image
image: ## The container image, with every role in it
	@docker build --tag angarium:local .

.PHONY: clean
clean: ## Removes environment, tools and caches; the data in .angarium/ stays
	@rm -rf .venv .tools node_modules dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "; print "make <target>"} \
		/^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
