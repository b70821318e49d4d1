# Needs Python 3.11 or newer, git and make; everything else is fetched into .venv.
# On Windows, without make: see "The same by hand, also on Windows" in README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
EXTRAS ?= test
DOCS := build/docs-env

.PHONY: help demo test lint docs reference recording benchmark corpus clean

help:
	@echo "make demo       generate spam-detector into demo/ and run it to the report"
	@echo "make test       the test suite, with coverage"
	@echo "make lint       ruff and mypy"
	@echo "make docs       the documentation site, strictly, into build/docs"
	@echo "make reference  the pages of reference that follow from the program"
	@echo "make recording  the recording at the head of README, of the tool as it is here"
	@echo "make benchmark  speed beside cookiecutter and copier"
	@echo "make corpus     precision and recall of the checks on the labelled corpus"
	@echo "make clean      remove what these commands made"

demo: $(READY)
	@rm -rf demo
	$(BIN)/scaffold new spam-detector demo/spam-detector --yes
	$(BIN)/scaffold run demo/spam-detector report
	@echo "Its own tests: $(BIN)/scaffold run demo/spam-detector tests"

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope --cov

lint: EXTRAS = dev
lint: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable ".[dev]"
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(DOCS)/ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict
	@echo "Look at build/docs/index.html"

reference: $(READY)
	$(BIN)/python -m scripts.reference

recording: $(READY)
	$(BIN)/python -m scripts.recording

benchmark: $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable ".[test,benchmark]"
	$(BIN)/python -m benchmarks.speed

corpus: $(READY)
	$(BIN)/python -m tests.corpus.measure

# uv takes seconds where pip takes a minute; pip stays the way out, and honours its own configuration.
$(READY): pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5,<1"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable ".[$(EXTRAS)]" \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(EXTRAS)]"
	@touch $(READY)

# An environment of its own: what builds the site is nothing that the tool needs.
$(DOCS)/ready: pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[docs]"
	@touch $(DOCS)/ready

clean:
	rm -rf $(VENV) build demo .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache
