# Everything runs from .venv, which each target makes when it is missing or out of date.
#   make demo                 the demo bank on 127.0.0.1:8000    (ARGS=--once: ask it, print, stop)
#   make test                 all tests                          (ARGS="-k rules": some of them)
#   make check                format, lint, types, import contracts
#   make bench                the benchmarks                     (ONLY=serving: one group)
#   make lock                 pin newer packages into requirements/

PYTHON ?= python3
ARGS ?=
ONLY ?=

BIN := .venv/bin
INSTALLED := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench lock clean

help:
	@sed -n 's/^#   //p' Makefile

# The stamp is written last, so an interrupted installation is taken up again.
$(INSTALLED): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Raak needs Python 3.11 or newer; $(PYTHON) is older (make PYTHON=python3.12 ...)" >&2; exit 2; }
	@$(PYTHON) -c 'import pathlib, sys, sysconfig; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())' \
		&& command -v gcc >/dev/null || \
		{ echo "error: LightFM is compiled here and needs gcc and Python's headers (apt-get install gcc python3-dev)" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || \
		{ echo "error: $(PYTHON) cannot make a virtual environment (apt-get install python3-venv)" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED)
	@$(BIN)/raak demo $(ARGS)

test: $(INSTALLED)
	$(BIN)/pytest -n auto $(ARGS)

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Only the serving group needs load generators; pip cannot bring them.
bench: $(INSTALLED)
	@for tool in wrk hey; do command -v $$tool >/dev/null || \
		echo "note: $$tool is missing, so the serving group will be skipped (apt-get install wrk hey)"; done
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

# uv resolves once for every Python and platform; it lives beside .venv's own packages, not among them.
LOCK := .venv/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links
lock: $(INSTALLED)
	@test -x .venv/lock/bin/uv || { $(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv; }
	$(LOCK) --extra training --extra embedded --extra search --extra dev -o requirements/dev.txt
	$(LOCK) -c requirements/dev.txt --extra training -o requirements/training.txt
	$(LOCK) -c requirements/dev.txt -o requirements/service.txt
	$(BIN)/pytest -q tests/contracts/test_requirement_files.py

clean:
	rm -rf .venv data bench/out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
