# bellwire: `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTHON ?= python3
WHEEL_PIP := .wheel-venv/bin/python -m pip install --quiet --disable-pip-version-check
TESTED := tests examples benchmarks docs '*.md' LICENSE Makefile pyproject.toml  # all but the package
N ?= 100000

.DEFAULT_GOAL := help
.PHONY: help demo test check dev format lint types doctest man examples docs linkcheck fuzz dist wheel-test python-test clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/installed-test: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-dev: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/installed $(VENV)/installed-test

$(VENV)/installed-docs: pyproject.toml setup.py | $(VENV)/bin/python
	$(PIP) --editable '.[docs]'
	@touch $@ $(VENV)/installed $(VENV)/installed-test

SPHINX := $(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -j 2 -c docs -d docs/_build/doctrees

demo: $(VENV)/installed ## install, then compile, prove and run a circuit on a ring of four modules
	@$(BIN)/python examples/demo.py

test: $(VENV)/installed-test ## install what tests need and run them all
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: format-check lint types test doctest examples docs ## everything that must hold before a commit

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

man: dev ## write the manual page from the help of the command
	$(BIN)/python -m bellwire.command.man > docs/man/bellwire.1

examples: $(VENV)/installed-test ## run every script in examples/
	$(BIN)/python -m pytest -q tests/test_examples.py

docs: $(VENV)/installed-docs ## build the site: docs/_build/html/index.html
	$(SPHINX) -b html . docs/_build/html

linkcheck: $(VENV)/installed-docs ## ask every address in the docs whether it is there (needs the network)
	$(SPHINX) -b linkcheck . docs/_build/linkcheck

fuzz: $(VENV)/installed-test ## feed N random inputs to the readers, prove N/10 random compilations (N=100000)
	PYTHONPATH=tests $(BIN)/python tests/fuzz/driver.py $(N)
	BELLWIRE_KILLS=50 $(BIN)/python -m pytest -q tests/test_sweep_kills.py
	BELLWIRE_FUZZ=$$(($(N) / 100)) $(BIN)/python -m pytest -q -n 2 tests/fuzz tests/runtime/test_faults_random.py

dist: dev ## build the source distribution and, from it, the wheel; check what is in them
	rm -rf build dist *.egg-info
	export SOURCE_DATE_EPOCH=$$(git log -1 --pretty=%ct) && \
		$(BIN)/python -m build --outdir dist . > /dev/null && \
		$(BIN)/python tests/installed/pin_sdist.py dist
	$(BIN)/python tests/installed/check_dists.py dist

wheel-test: dist ## install the wheel where there is nothing else, try it, run the tests away from here
	rm -rf .wheel-venv
	$(PYTHON) -m venv .wheel-venv
	$(WHEEL_PIP) dist/*.whl
	.wheel-venv/bin/python tests/installed/smoke.py examples
	$(WHEEL_PIP) "$$(ls dist/*.whl)[test]"
	tree=$$(mktemp -d) && git ls-files -z $(TESTED) | xargs -0 cp --parents -t $$tree && \
		cd $$tree && $(CURDIR)/.wheel-venv/bin/python -m pytest -q -n 2 --dist worksteal \
		--ignore tests/fuzz --ignore tests/test_house.py --ignore tests/docs/test_doc_generated.py && rm -rf $$tree

python-test: ## run the tests with another interpreter (PYTHON=python3.13)
	$(MAKE) test VENV=.venv-$(notdir $(PYTHON))

clean: ## remove what these commands made
	rm -rf docs/_build docs/_generated $(VENV) .venv-* .wheel-venv .typetree build dist *.egg-info src/*.egg-info
