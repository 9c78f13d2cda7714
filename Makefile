# Two commands do everything: `make run` and `make test`. Both begin with `make setup`.
PYTHON ?= python3
COMPANY ?=
ARGS ?=
JOBS ?= 3
export PYTHON COMPANY

# Tools keep caches under HOME; without one they get a place of their own.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.copilot/home
endif

# Before make looks at any stamp; a recipe would come too late.
_ := $(shell sh scripts/forget_stale_environment.sh)

.PHONY: help setup run serve test lint fix clean prerequisites company

help:
	@echo "make run      set up, run the whole job on the synthetic company, say where to look"
	@echo "make run COMPANY=NAME   the same on a company of examples/"
	@echo "make serve    show Dagster, the reports and the stand-ins in the browser"
	@echo "make test     set up, run every test (ARGS='-k words' for some)"
	@echo "make lint     check style, types, imports and SQL;  make fix  mends what a tool can mend"
	@echo "make setup    the part they share;  make clean  removes it again, not the data"

setup: .venv/.installed reports/node_modules/.installed
	@.venv/bin/python -m orchestration.resources.report_pages

run: company setup
	@sh scripts/company.sh run

serve: company setup
	@sh scripts/company.sh serve

test: setup
	.venv/bin/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

fix: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/sqlfluff fix --processes 2 dbt_project/models dbt_project/tests

clean:
	-@[ ! -x .venv/bin/copilot ] || .venv/bin/copilot db stop
	rm -rf .venv reports/node_modules reports/.evidence reports/build dbt_project/target dbt_project/logs
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

prerequisites:
	@sh scripts/check_prerequisites.sh

company: | prerequisites
	@sh scripts/company.sh check

# The stamps lie inside what they vouch for: who deletes the folder deletes the stamp.
.venv/.installed: pyproject.toml uv.lock scripts/install_python.sh | prerequisites
	@sh scripts/install_python.sh

reports/node_modules/.installed: reports/package.json reports/package-lock.json $(wildcard reports/patches/*.patch) | prerequisites
	@echo "Installing the reports' packages (about a minute, once)"
	@cd reports && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
