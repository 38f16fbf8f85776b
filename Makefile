# `make run` and `make test` do all the set-up themselves; a second call installs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: run test lint translations clean

run: $(STAMP)
	$(BIN)/facedesk

test: $(STAMP) lint
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Texts that are new or gone go into desktop/i18n/*.ts; what is translated there is compiled.
# lrelease comes with Qt: on Debian in qttools5-dev-tools.
translations: $(STAMP)
	$(BIN)/python -m tools.translations.extraction
	lrelease -silent desktop/i18n/*.ts

# The stamp is a copy of what was installed from: only a change of it installs again, so that
# a machine that was set up once also runs without a network.
$(STAMP): setup.cfg pyproject.toml
	@if ! cmp -s setup.cfg $(STAMP); then \
	    echo "Setting up $(VENV). The first time this takes some minutes and 6 GB of disk."; \
	    $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	        || { echo "Facedesk needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; } && \
	    $(PYTHON) -m venv $(VENV) && \
	    $(BIN)/python -m pip install --quiet --editable '.[dev]'; \
	fi
	@cp setup.cfg $(STAMP)

clean:
	rm -rf $(VENV)
