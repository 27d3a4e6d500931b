# `make book` prints the book from stored outputs; `make test` proves it. Both set themselves up in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

export PIP_PREFER_BINARY := 1

.PHONY: book serve kit pdf translate test test-all verify bench clean help

help:
	@echo "make book      build the site into _build/html (no torch, no data, no GPU needed)"
	@echo "make serve     build it and serve it on http://localhost:8000"
	@echo "make kit       site, notebooks and weights in one zip per language under _build/kit, to be read offline"
	@echo "make translate bring the Spanish catalogues up to date with the pages, and say what is left to translate"
	@echo "make pdf       the book as a PDF per language under _build/pdf; it takes a Chromium and Playwright"
	@echo "make test      lint, types, unit, contract, press and browser tests, freshness, build, verify (minutes)"
	@echo "make test ONLY=lenet   the tests of one system, its page and what concerns the whole house (a minute or two)"
	@echo "make test-all  the same with the slow tests, both languages everywhere, every network evaluated"
	@echo "make verify    evaluate every published network again and compare with its run record"
	@echo "make bench     ratios: press against plain Sphinx, rebuild, status; networks in the browser against native"

book: $(VENV)/.book
	$(BIN)/press build

serve: book
	$(BIN)/press serve

kit: book
	$(BIN)/press kit

translate: $(VENV)/.book
	$(BIN)/press translate

pdf: $(VENV)/.dev
	$(BIN)/python tests/get_browser.py
	$(BIN)/press build
	$(BIN)/press pdf

# The name of a system or a page, to look at nothing else.
ONLY ?=
SYSTEM := $(if $(ONLY),$(notdir $(patsubst %/,%,$(dir $(wildcard code/convnets/$(ONLY)/__init__.py)))))
PYTEST = $(BIN)/python -m pytest --ladder --numprocesses logical --maxprocesses 8 --dist loadscope $(if $(ONLY),--only $(ONLY))
say = @echo "== $(1)"

test: gates
	$(call say,tests)
	$(PYTEST) -m "not slow"

test-all: VERIFY := --all
test-all: gates
	$(call say,tests)
	$(PYTEST)

# What must hold before any test is worth running: style, types, freshness, the printed site, the numbers.
.PHONY: gates
gates: $(VENV)/.dev
	$(call say,browser)
	@$(BIN)/python tests/get_browser.py
	$(call say,style and types)
	@$(BIN)/ruff check code tests benchmarks
	@$(BIN)/ruff format --check --quiet code tests benchmarks
	@$(BIN)/mypy
	$(call say,freshness of the stored outputs)
	@$(BIN)/press status $(ONLY)
	$(call say,the site in both languages)
	@$(BIN)/press build
	$(call say,published numbers)
	$(if $(ONLY)$(SYSTEM),$(if $(SYSTEM),@$(BIN)/convnets verify $(VERIFY) $(SYSTEM)),@$(BIN)/convnets verify $(VERIFY))

verify: $(VENV)/.dev
	$(BIN)/convnets verify --all

bench: $(VENV)/.dev
	$(BIN)/press build
	@missed=; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python "$$file" || missed="$$missed $$file"; done; \
	test -z "$$missed" || { echo "a bound is not kept, or there is none to measure:$$missed"; exit 1; }

$(VENV)/.book: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable ".[book]"
	@touch $@

$(VENV)/.dev: $(VENV)/.book
	$(INSTALL) --editable ".[dev]"
	@touch $@

clean:
	rm -rf _build
