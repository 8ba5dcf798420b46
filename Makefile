# What people run. Every target does its own set-up; `make setup` a second time does nothing.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-spark demo test test-fast check fix bench soak docs
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# Compiled modules are kept: commands and tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip
SPARK := .spark
TRANSLATIONS := $(wildcard src/commonweal/ui/locale/*/LC_MESSAGES/*.po)
ZONES := open portal bridge research
FAST := tests/unit tests/spec tests/generative
WORKERS ?= 2
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# What is run on PostgreSQL as well: all that stores, and the pages that ask the database most of its own.
ON_POSTGRES := tests/unit/vault/test_facts.py tests/integration/vault \
	$(addprefix tests/integration/portal/,test_fhir.py test_my_data.py test_outreach.py test_partners.py test_wearables.py)
RESEARCH_ON_POSTGRES := tests/integration/commons/test_sql_elsewhere.py tests/integration/research/workbench/test_exports.py

help: ## what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.setup ## the environment in .venv, with all that the demo needs
setup-dev: $(VENV)/.setup-dev ## the same, with all that the tests need

setup-spark: $(SPARK)/.setup ## Spark for the tests of that engine, beside the environment, in .spark

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "setup: $(PYTHON) is older than 3.11; name a newer one: make setup PYTHON=python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "setup: $(PYTHON) cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# An environment that the tests use keeps what they need, so either lock may be the one that is in place.
$(VENV)/.setup: requirements.lock pyproject.toml hatch_build.py $(TRANSLATIONS) | $(VENV)/bin/uv
	@if [ -e $(VENV)/.setup-dev ]; then lock=requirements-dev.lock; else lock=requirements.lock; fi; \
		VIRTUAL_ENV=$(VENV) $(UV) sync --quiet --compile-bytecode --require-hashes $$lock
	@VIRTUAL_ENV=$(VENV) $(UV) install --quiet --no-deps --reinstall-package commonweal -e .
	@$(BIN)/python -m compileall -q src/commonweal
	@touch $@

$(VENV)/.setup-dev: requirements-dev.lock $(VENV)/.setup
	@VIRTUAL_ENV=$(VENV) $(UV) sync --quiet --compile-bytecode --require-hashes requirements-dev.lock
	@VIRTUAL_ENV=$(VENV) $(UV) install --quiet --no-deps -e .
	@tests/machine
	@touch $@

# Pure Python and Java, so that any environment can take it onto its path; uv keeps what it has built of the download.
$(SPARK)/.setup: requirements-spark.lock $(VENV)/.setup
	@tests/machine java
	@rm -rf $(SPARK)
	@$(UV) install --quiet --python $(BIN)/python --target $(SPARK) --no-deps --require-hashes -r requirements-spark.lock
	@touch $@

demo: setup ## a whole living program with simulated people: ARGS="--no-serve --json" passes through
	@$(BIN)/commonweal demo $(ARGS)

# Beside the first session Spark is fetched, which waits for the network, and the code is checked, which needs one core at times.
test: setup-dev ## everything, with the servers and the browser that it needs
	@export COMMONWEAL_FAILED=$$(mktemp -t commonweal-failed-XXXXXX); trap 'rm -f "$$COMMONWEAL_FAILED"' EXIT; \
		$(MAKE) --no-print-directory --jobs=2 --output-sync=target setup-spark check & checked=$$!; \
		status=0; for zone in $(ZONES); do \
			tests/run $$zone $(PARALLEL) $(ARGS) || status=1; \
			[ $$zone != $(firstword $(ZONES)) ] || wait $$checked || { status=1; echo "make setup-spark check" >>"$$COMMONWEAL_FAILED"; }; \
		done; \
		tests/postgres tests/run portal $(PARALLEL) $(ON_POSTGRES) || status=1; \
		tests/postgres tests/run research $(PARALLEL) $(RESEARCH_ON_POSTGRES) || status=1; \
		if [ $$status = 0 ]; then echo "All tests passed."; else echo "Failed:"; cat "$$COMMONWEAL_FAILED"; fi; \
		exit $$status

test-fast: setup-dev ## no servers, under two minutes
	@status=0; for zone in $(ZONES); do tests/run $$zone $(FAST) $(ARGS) || [ $$? = 5 ] || status=1; done; exit $$status

check: setup-dev ## lint, types, import contracts; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: setup-dev ## what can be put right by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## BENCH=name for one; one JSON object a line
	@$(BIN)/python benchmarks/run.py $(BENCH)

ROUNDS ?= 20
soak: setup-dev setup-spark ## the generative tests ROUNDS times over, each time on other examples; then streams of 5 GB
	@for round in $$(seq $(ROUNDS)); do tests/run open tests/generative tests/spec && tests/run portal tests/generative && tests/run bridge tests/generative; done
	@tests/run portal tests/soak -s

docs: setup-dev ## the documentation as a site, in site/
	@$(BIN)/mkdocs build --strict
