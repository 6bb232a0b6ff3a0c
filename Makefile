# Commands of CDP order sync; `make` alone lists them. Everything they write lives in .local/.
.DEFAULT_GOAL := help
.SILENT:
.PHONY: help up down status dsn psql logs clean test soak lint types contracts docs bench venv venv-dev

# The first supported Python there is; another one: make up PYTHON=/path/to/python3.12
supported := import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c '$(supported)' 2>/dev/null && echo $$p && break; done)

bin := .local/venv/bin
local := PYTHONPATH=plugins:include $(bin)/python -m local

help: ## list the commands
	grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' \
		| while IFS="$$(printf '\t')" read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

up: venv ## set everything up, start it, and sync every tenant; safe to repeat
	$(local) up

down: ## stop everything; the data stays
	if [ -x $(bin)/python ]; then $(local) down; else echo "There is no stack yet: make up"; fi

status: stack ## what runs, and how every tenant stands
	$(local) status

dsn: stack ## print the DSN of the CDP database, nothing else
	$(local) dsn

psql: stack ## open the CDP database in psql
	$(local) psql

logs: stack ## the end of every component's log
	$(local) logs

clean: ## stop everything and remove .local/: data, logs, virtual environment
	if [ -x $(bin)/python ]; then $(local) clean; fi
	rm -rf .local

test: venv-dev ## the whole test suite, with a PostgreSQL and a sandbox of its own
	$(bin)/python -m pytest $(PYTEST)

# Not part of `make test`: it takes hours.
soak: venv-dev ## the integration tests at every hour and odd moment, and chaos with more seeds
	for moment in $$(PYTHONPATH=plugins:include:. $(bin)/python -m tests.moments); do \
		echo "== $$moment"; \
		CDP_TEST_MOMENT=$$moment $(bin)/python -m pytest tests/integration $(PYTEST) || exit 1; done
	CDP_TEST_SEEDS=1,$$(seq -s, 4 20) $(bin)/python -m pytest tests/integration -k chaos $(PYTEST)

# pre-commit asks git for the files; git would refuse root a clone that belongs to somebody else.
lint: export GIT_CONFIG_COUNT := 1
lint: export GIT_CONFIG_KEY_0 := safe.directory
lint: export GIT_CONFIG_VALUE_0 := $(CURDIR)
lint: export PRE_COMMIT_HOME := $(CURDIR)/.local/cache/pre-commit
lint: venv-dev ## style, formatting and spelling of Python, SQL and prose; Airflow 3 rules
	$(bin)/pre-commit run --all-files

types: venv-dev ## static types
	$(bin)/mypy plugins include docs/generate

contracts: venv-dev ## which module may import which
	PYTHONPATH=plugins:include $(bin)/lint-imports

docs: venv-dev ## write the pages of docs/ that are generated: DAGs, tables, settings
	PYTHONPATH=plugins:include $(bin)/python -m docs.generate

bench: venv-dev ## benchmarks, side by side with the alternatives
	PYTHONPATH=plugins:include $(bin)/python -m benchmarks $(BENCH)

.PHONY: stack python
stack:
	if [ ! -x $(bin)/python ]; then echo "There is no stack yet: make up" >&2; exit 1; fi

python:
	if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c '$(supported)' 2>/dev/null; then \
		echo "$(or $(PYTHON),This machine's Python) is not supported: install Python 3.12 or 3.11," \
			"or name one: make up PYTHON=/path/to/python3.12" >&2; exit 1; fi

venv: python
	$(PYTHON) include/local/bootstrap.py local

venv-dev: python
	$(PYTHON) include/local/bootstrap.py dev
