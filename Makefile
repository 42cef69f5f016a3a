# `make demo`, `make run` and `make test` do all their own set-up; `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CONFIG ?= config.toml

.DEFAULT_GOAL := help
.PHONY: help demo run test check lock format clean

help:  ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(VENV)/.installed  ## half a minute of the real daemon over a newsroom of our own, without any network
	$(BIN)/karabakh demo

run: $(VENV)/.installed  ## the daemon, with CONFIG=config.toml
	$(BIN)/karabakh --config $(CONFIG) run

test: $(VENV)/.installed-dev  ## formatting, types and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@# The tests start the program some sixty times: it must not be compiled anew each time.
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

check: test  ## the same as test

format: $(VENV)/.installed-dev  ## format and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The lock names no index: it is installed from whichever one pip is set up to use, and the hashes hold it to what was reviewed.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "karabakh-monitor needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

lock: $(VENV)/bin/python  ## resolve the locks anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile -q pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --upgrade -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --group build --extra dev -c requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements-dev.lock

clean:  ## forget the environment and what tests leave behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis *.egg-info dist
