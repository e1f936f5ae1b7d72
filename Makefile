# Everything a newcomer needs. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help cuadernos test test-slow golden lab bench check lock locale clean

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
STAMP := .venv/.installed
# What is imported is compiled once and kept; else every kernel would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

# The environment: made once from the lock, made again when the lock or the package's metadata changes.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "Installing the environment in .venv (once, about a minute) ..."
	@if command -v uv >/dev/null 2>&1; then \
	    uv venv --quiet --allow-existing --python "$(PYTHON)" .venv && \
	    VIRTUAL_ENV=.venv uv pip install --quiet --require-hashes -r requirements.lock && \
	    VIRTUAL_ENV=.venv uv pip install --quiet --no-deps --no-build-isolation -e . ; \
	else \
	    $(PYTHON) -m venv .venv && \
	    $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements.lock && \
	    $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(STAMP)

cuadernos: $(STAMP) ## Execute every notebook and publish the cuadernos in reports/
	@$(BIN)/cuadernos build

test: $(STAMP) ## Run the fast tests
	@$(BIN)/python -m pytest -n auto -m "not browser and not fuzz and not slow"

test-slow: $(STAMP) ## Run the tests in a real browser (Debian: apt install chromium) and the long ones
	@$(BIN)/python -m pytest -n auto -m "browser or fuzz or slow"

golden: $(STAMP) ## Renew the golden images of the pages after a wanted change of their look
	@CUADERNOS_GOLDEN=renew $(BIN)/python -m pytest -n 0 tests/browser/test_golden.py

lab: $(STAMP) ## Open JupyterLab on the first notebook
	@$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" notebooks/00_inicio.ipynb

check: $(STAMP) ## Style, import order and sealed data
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports && $(BIN)/cuadernos data check

bench: $(STAMP) ## Measure against the plain way, in one run
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/large_waves.py
	@$(BIN)/python benchmarks/import_wave.py
	@$(BIN)/python benchmarks/coverage.py

lock: $(STAMP) ## Resolve the dependencies again (needs uv), for maintainers
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --all-extras pyproject.toml -o requirements.lock
	$(BIN)/python tools/write_environment.py

locale: $(STAMP) ## Compile the messages of the command line after editing them, for maintainers
	$(BIN)/python tools/compile_locale.py

clean: ## Remove what is generated, the environment apart
	rm -rf reports data/processed
