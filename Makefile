# Everything a newcomer needs: `make demo`, `make test`. Each makes the virtual environment it runs in.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

export DAGSTER_DISABLE_TELEMETRY := 1

.PHONY: help demo test lint types check benchmark dagster docs constraints clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/demo: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("okr-sync needs Python 3.11 or newer; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || { echo "making the virtual environment $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing okr-sync (about a minute the first time)"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/dev: $(VENV)/demo
	@echo "installing what the tests need"
	@$(INSTALL) --editable ".[dev]"
	@touch $@

demo: $(VENV)/demo  ## start the stand-ins, sync them, show the key results
	@$(BIN)/okr-sync demo

test: $(VENV)/dev  ## run the tests
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/dev  ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev  ## check types
	$(BIN)/mypy

check: lint types test  ## everything but the demo

benchmark: $(VENV)/dev  ## measure the promises of speed and memory
	$(BIN)/python -m tests.benchmarks

dagster: $(VENV)/demo  ## open Dagster's UI on the demo project
	$(BIN)/dagster dev -f definitions.py

docs: $(VENV)/dev  ## write the generated pages of docs/ anew
	$(BIN)/python -m tests.docs

constraints: $(VENV)/dev  ## pin the newest versions that fit
	$(BIN)/python -m pip install --quiet --upgrade --editable ".[dev]"
	{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

clean:  ## remove the virtual environment and the demo
	rm -rf $(VENV) okr-sync-demo
