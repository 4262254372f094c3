# bellwire: `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
N ?= 100000

.DEFAULT_GOAL := help
.PHONY: help demo test check dev format lint types doctest examples fuzz wheel-test clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/installed: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/installed-test: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-dev: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/installed $(VENV)/installed-test

demo: $(VENV)/installed ## install, then compile, prove and run a circuit on a ring of four modules
	@$(BIN)/python examples/demo.py

test: $(VENV)/installed-test ## install what tests need and run them all
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: format-check lint types test doctest examples ## everything that must hold before a commit

dev: $(VENV)/installed-dev ## install the tools for contributors

format: dev ## format all code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --select I .

format-check: dev
	$(BIN)/ruff format --check .

lint: dev ## look for mistakes
	$(BIN)/ruff check .

types: dev ## check the types
	$(BIN)/mypy -p bellwire

doctest: dev ## run the examples in docstrings
	$(BIN)/python -m pytest -q --doctest-modules .typetree/bellwire --override-ini=testpaths= -p no:cacheprovider

examples: $(VENV)/installed-test ## run every script in examples/
	$(BIN)/python -m pytest -q tests/test_examples.py

fuzz: $(VENV)/installed-test ## feed N random inputs to the readers, prove N/10 random compilations (N=100000)
	PYTHONPATH=tests $(BIN)/python tests/fuzz/driver.py $(N)
	BELLWIRE_FUZZ=$$(($(N) / 100)) $(BIN)/python -m pytest -q -n 2 tests/fuzz tests/runtime/test_faults_random.py

wheel-test: dev ## build the wheel, install it in a clean environment, run the tests there
	rm -rf build dist .wheel-venv
	$(BIN)/python -m build --wheel --outdir dist . > /dev/null
	python3 -m venv .wheel-venv
	.wheel-venv/bin/python -m pip install --quiet --disable-pip-version-check "$$(ls dist/*.whl)[test]"
	.wheel-venv/bin/python -m pytest -q -n 2 tests --ignore tests/fuzz

clean: ## remove what these commands made
	rm -rf $(VENV) .wheel-venv .typetree build dist *.egg-info src/*.egg-info
