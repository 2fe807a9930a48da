# Two commands do everything on a machine that has Python 3.11+, make and git:
#   make run    the whole product, ready to be talked to
#   make test   every check and every test
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check format demo bench lock stop clean
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; `make run PYTHON=python3.12` chooses another.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && exit; \
	done; echo python3)
VENV ?= .venv
export VENV
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE ?=

help:                ## this list
	@grep -hE '^[a-z-]+: .*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup:               ## virtual environment and packages
	@$(PYTHON) autoshop/bootstrap.py

setup-dev:           ## the same, with what checks and tests need
	@$(PYTHON) autoshop/bootstrap.py --dev

run: setup           ## servers, tables, data, web, worker and beat; Ctrl-C stops all
	@$(BIN)/python -m autoshop.supervisor

test: setup-dev      ## every check, every test, coverage
	@$(BIN)/python -m autoshop.checkup --tests

check: setup-dev     ## format, lint, types, import directions, migrations, deployment
	@$(BIN)/python -m autoshop.checkup

format: setup-dev    ## put the code into its format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

demo: setup          ## a spoken booking with one barge-in, printed as it happens (ARGS=--fast)
	@$(BIN)/python -m autoshop.prepare --quiet && $(BIN)/python -m simulators.demo $(ARGS)

bench: setup-dev     ## every benchmark (ARGS=--quick)
	@$(BIN)/python -m autoshop.prepare --quiet && $(BIN)/python -m benchmarks $(ARGS)

lock:                ## requirements*.in -> requirements*.txt, with hashes (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	uv pip compile -q --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command 'make lock' requirements.in -o requirements.txt
	uv pip compile -q --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command 'make lock' -c requirements.txt \
		requirements-dev.in -o requirements-dev.txt

stop:                ## stop the built-in servers (their data stays)
	@test ! -x $(BIN)/python || $(BIN)/python -m autoshop.embedded down

clean: stop          ## take away everything that set-up made, the built-in servers' data too
	rm -rf $(VENV) .autoshop staticfiles .coverage* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
