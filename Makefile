# The doors of the project: try it, test it, measure it.

PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
BIN := $(VENV)/bin
UV := $(BIN)/uv
# uv fetches the interpreter named last, if the machine has none of those that TensorFlow 2.16 runs on.
# Each is run, not looked up: a pyenv shim is found on the path and still fails.
OLDEST_PYTHON ?= $(or $(shell for v in 3.10 3.11 3.12; do \
	python$$v -c "import sys; print(sys.executable)" 2>/dev/null && break; done),3.10)
# tensorflow-cpu is a fifth of the size, and published for this platform only.
TENSORFLOW := $(if $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)),cpu,tensorflow)
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# What is quick to fail comes first, the pages last; a new folder is picked up by itself.
TESTS = $(wildcard tests/test_*.py tests/unit) \
	$(filter-out tests/unit/ tests/browser/,$(wildcard tests/[!_.]*/)) $(wildcard tests/browser)
# Nothing here starts a kernel or a browser, or imports TensorFlow.
FAST = $(wildcard tests/test_*.py tests/unit) -m "not (browser or kernel or notebook or slow or tensorflow)"
# The tests of a file stay in one worker, with the kernel or the page that they share.
WORKERS ?= 2
PYTEST = python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
NOTEBOOK := notebooks/01_quickstart.ipynb

.PHONY: help demo test test-fast lint test-oldest bench bench-replay bench-page soak binder format clean

help:
	@echo "make demo         open JupyterLab on $(NOTEBOOK)"
	@echo "make test         ruff, mypy and every test"
	@echo "make test-fast    what needs no TensorFlow, kernel or browser: a minute, before each commit"
	@echo "make test-oldest  the tests on the oldest versions supported"
	@echo "make bench        what the hooks cost a training loop"
	@echo "make bench-replay how fast event files are loaded, against others"
	@echo "make bench-page   what a board costs the page, in a real browser"
	@echo "make soak         a million steps with all hooks: does memory grow?"
	@echo "make binder       what a Binder link would do: a clean environment, $(NOTEBOOK), 1 GB"
	@echo "make lint, make format, make clean"

demo: $(VENV)/.demo
	$(BIN)/jupyter lab --ip=127.0.0.1 $(AS_ROOT) --LabApp.default_url=/lab/tree/$(NOTEBOOK)

test: lint
	$(BIN)/$(PYTEST) $(TESTS)

test-fast: $(VENV)/.dev
	$(BIN)/$(PYTEST) $(FAST)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-oldest: $(OLDEST)/.test
	$(OLDEST)/bin/$(PYTEST) -m "not (browser or notebook or project)"

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/overhead.py

bench-replay: $(VENV)/.dev
	$(BIN)/python benchmarks/replay.py

bench-page: $(VENV)/.dev
	$(BIN)/python benchmarks/page.py

soak: $(VENV)/.dev
	$(BIN)/python benchmarks/soak.py

binder: $(VENV)/.dev
	$(BIN)/python -m pytest tests/test_binder.py

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(OLDEST) build dist .mypy_cache .pytest_cache .ruff_cache

# The stamps: nothing is installed again until what it was installed from has changed.
$(UV):
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv

$(VENV)/.demo: pyproject.toml | $(UV)
	$(UV) pip install --python $(BIN)/python --editable ".[$(TENSORFLOW)]" --group demo
	touch $@

$(VENV)/.dev: pyproject.toml | $(UV)
	$(UV) pip install --python $(BIN)/python --editable ".[$(TENSORFLOW)]" --group dev
	touch $@

$(OLDEST)/.test: pyproject.toml tests/oldest.txt | $(UV)
	$(UV) venv --quiet --clear --python $(OLDEST_PYTHON) $(OLDEST)
	$(UV) pip install --python $(OLDEST)/bin/python --constraint tests/oldest.txt \
		--editable ".[$(TENSORFLOW)]" --group test
	touch $@
