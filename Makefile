# `make run` and `make test` do all the set-up themselves; a second call installs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
TEST_STAMP := $(VENV)/installed-for-tests

RUN_SIZE := 280 MB are downloaded, 860 MB of disk are taken
TEST_SIZE := with PyTorch, 3.4 GB are downloaded, 7 GB of disk are taken

# Windows are tested in a process of their own: PyTorch, which some tests compare with, may end one
# that has Qt's windows.
# The longest files come first, so that two processes end at the same time.
WITHOUT_WINDOWS := tests/desktop/commands $(wildcard tests/docs/) \
    $(filter-out tests/desktop/ tests/docs/ tests/__pycache__/,$(wildcard tests/*/)) \
    $(wildcard tests/test_*.py)

.PHONY: run test lint translations supply clean

run: $(STAMP)
	$(BIN)/facedesk

# What was installed once may meet a new home folder: the weights lie there.
test: $(TEST_STAMP) lint
	@$(BIN)/facedesk models fetch --all || true
	$(BIN)/python -m pytest tests/desktop --ignore=tests/desktop/commands
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(WITHOUT_WINDOWS)

lint: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Texts that are new or gone go into desktop/i18n/*.ts; what is translated there is compiled.
# lrelease comes with Qt: on Debian in qttools5-dev-tools.
translations: $(TEST_STAMP)
	$(BIN)/python -m tools.translations.extraction
	lrelease -silent desktop/i18n/*.ts

# What the program is made of (CycloneDX), and whether anything is known against it: docs/trials.md.
# Both tools have an environment of their own, so that they are not in the list.
SUPPLY := $(VENV)/supply

supply: $(TEST_STAMP)
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom pip-audit
	$(BIN)/python -m tools.supply.licences
	$(SUPPLY)/bin/cyclonedx-py environment --output-reproducible --of JSON \
	    -o $(SUPPLY)/facedesk.cdx.json $(BIN)/python
	$(SUPPLY)/bin/pip-audit --strict --progress-spinner off \
	    --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

# A stamp is a copy of what was installed from: only a change of it installs again, so that a
# machine that was set up once also runs without a network. What is installed for the tests is
# enough for running, too.
$(STAMP): setup.cfg pyproject.toml
	@if ! cmp -s setup.cfg $(STAMP); then \
	    echo "Setting up $(VENV): $(RUN_SIZE). A minute or two, once."; \
	    $(call set_up,.); \
	fi
	@cp setup.cfg $(STAMP)

$(TEST_STAMP): setup.cfg pyproject.toml
	@if ! cmp -s setup.cfg $(TEST_STAMP); then \
	    echo "Setting up $(VENV) for the tests: $(TEST_SIZE). Some minutes, once."; \
	    $(call set_up,.[dev]); \
	fi
	@cp setup.cfg $(TEST_STAMP)
	@cp setup.cfg $(STAMP)

# pip says what it downloads, how large that is and how far it is. Where the networks' weights
# cannot be had now, the program says so, and tries again.
define set_up
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || { echo "Facedesk needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; } && \
$(PYTHON) -m venv $(VENV) && \
$(BIN)/python -m pip install --disable-pip-version-check --editable '$(1)' && \
{ $(BIN)/facedesk models fetch || true; }
endef

clean:
	rm -rf $(VENV)
