# Everything that one does with Koppel; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo report test soak check bench replay lock clean

# Without compiled files every start of Airflow reads all its sources anew: 7 s instead of 3 s.
unexport PYTHONDONTWRITEBYTECODE

python := .venv/bin/python

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv with all that is needed (once; PYTHON=... chooses the interpreter)
	@sh scripts/setup.sh

demo: setup ## an ERP, a shop and Airflow on this machine, and the catalogue on its way from one to the other
	@$(python) -m scripts.demo

report: setup ## the data-quality report of what the demo left, in every language: HTML, workbook and JSON
	@$(python) -m scripts.report

test: setup ## every test, on all cores (ARGS=... goes to pytest)
	$(python) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

soak: setup ## the crash tests at full length: every boundary, 200 kills at random moments, every seed
	KOPPEL_SOAK=1 $(python) -m pytest -n auto --dist load --timeout=3600 tests/promise $(ARGS)

check: setup ## style, types, import contracts and docs, in under a minute
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports
	$(python) -m pytest -q tests/docs

bench: setup ## measure, and print `bench NAME VALUE GOAL ok|short` lines (QUICK=1: a tenth of the size)
	$(python) -m bench

replay: setup ## replay a folder of shop transcripts against the sandbox (DIR=...)
	@test -n "$(DIR)" || { echo "make replay DIR=folder/with/transcripts"; exit 2; }
	@$(python) -m sandbox.replay "$(DIR)"

lock: setup ## compile requirements.in into requirements.txt, for Python 3.11 to 3.13
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url \
		--no-emit-find-links --upgrade requirements.in -o requirements.new
	{ echo "# Every package, pinned, for Python 3.11 to 3.13. Made from requirements.in by \`make lock\`; do not edit by hand."; \
		cat requirements.new; } > requirements.txt
	rm requirements.new

clean: ## remove what the demo and the checks left (.koppel and caches); .venv stays
	@test ! -d .venv || $(python) -m scripts.demo --stop
	rm -rf .koppel .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
