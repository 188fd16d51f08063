# Everything a person does with Hatif. Each target is a line that could be typed.
#
#   make up      set up what is missing, then run the product
#   make test    install what the tests need, then run them all
#   make help    the rest

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help env lock speech-proto models web up test test-unit check bench bench-peers bench-knowledge chaos docs clean

VENV := .venv
RUN := $(VENV)/bin

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

env: ## Bring uv, make the virtual environment from requirements.lock
	@sh deploy/setup/environment.sh

lock: env ## Resolve pyproject.toml again into requirements.lock and deploy/setup/node.lock
	.tools/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 pyproject.toml --group dev \
		-o requirements.lock --custom-compile-command "make lock"
	.tools/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 --group node \
		-o deploy/setup/node.lock --custom-compile-command "make lock"

speech-proto: env ## Make the Python of the speech port from engines/speech_v1/speech.proto
	$(RUN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. engines/speech_v1/speech.proto

models: env ## Fetch and verify the model files
	$(RUN)/python -m workers.fetch_models

web: env ## Build the web pages
	@sh deploy/setup/web.sh

up: env web ## Run the product; options go into ARGS, as in make up ARGS="--port 9000"
	@$(RUN)/hatif up --tune $(ARGS)

test: env models web ## Install what the tests need, then run every test
	@sh deploy/setup/system-packages.sh
	@sh deploy/setup/tests.sh $(ARGS)

test-unit: env ## The decisions and the rules of the house, in seconds
	$(RUN)/pytest tests/domain tests/test_architecture.py $(ARGS)

check: env ## Lint, format, types, import directions, and the same for the web pages
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	PATH="$$(sh deploy/setup/node.sh):$$PATH" $(RUN)/pyright
	$(RUN)/lint-imports --no-logo
	@sh deploy/setup/web.sh check

bench: env models web ## Measure on this machine; docs/performance.md says what
	$(RUN)/python -m tests.bench.hops
	$(RUN)/python -m tests.bench.store
	$(RUN)/python -m tests.bench.calls
	$(RUN)/python -m tests.bench.peers $(ARGS)

bench-peers: env models web ## Hatif beside other frameworks, on the same conversation; options go into ARGS
	$(RUN)/python -m tests.bench.peers $(ARGS)

bench-knowledge: env models ## How well and how fast passages are found; docs/knowledge.md says more
	$(RUN)/python -m tests.bench.knowledge

chaos: env web ## Break the parts of a running product while calls are in progress; docs/reliability.md says how
	$(RUN)/python -m tests.chaos $(ARGS)

docs: env ## Draw the pictures in docs/ again from the code
	$(RUN)/python docs/draw.py

clean: ## Remove what was built here; models and the data directory stay
	rm -rf $(VENV) .tools build dist web/dist web/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
