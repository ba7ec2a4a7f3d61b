# Everything one can do here. `make` alone lists it.
SHELL         := bash
.SHELLFLAGS   := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS     += --warn-undefined-variables --no-builtin-rules

PYTHON ?= $(shell command -v python3.11 || echo python3)
MODELS ?= models
ARGS   ?=
TARGET ?= service
PROFILE ?= cpu
SUDO   := $(shell test "$$(id -u)" = 0 || echo sudo)

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PROTOS := $(wildcard protos/inference/*.proto protos/nodelens/v1/*.proto)
STUBS  := $(PROTOS:.proto=_pb2.py)
NIIVUE := service/pages/viewer
VIEWER := $(if $(shell command -v npm),$(NIIVUE)/niivue.min.js)
# program:package
PROGRAMS := npm:npm Orthanc:orthanc dsrdump:dcmtk dciodvfy:dicom3tools promtool:prometheus chromium:chromium \
  openssl:openssl
COMPILE  := PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet \
  --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --constraint constraints.txt
FOR_SERVICE  := --extra service --extra pacs --extra tracing
FOR_TRAINING := --extra service --extra batch --extra ray --extra training --extra tune --extra tracing

.PHONY: help setup stubs demo serve test lint types contracts format bench soak golden lock image image-check up test-deps clean

##@ Start here
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
setup: $(READY) $(STUBS) $(VIEWER) ## Make .venv with all that the project needs, and with npm the viewer of pages
demo: setup ## Phantoms, training, export, server, scores and a report: demo/report.html
	$(BIN)/python -m deploy.demo.run --out demo $(ARGS)
serve: setup ## Serve the folder MODELS on localhost:50051
	$(BIN)/nodelens-serve --models $(MODELS) $(ARGS)

##@ Every day
test: lint types contracts ## All checks; ARGS="-k name" for some of the tests
	$(BIN)/pytest $(ARGS)
lint: setup ## Style, spelling, docstrings, protos, Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/interrogate --quiet tests
	$(BIN)/buf lint protos
	$(BIN)/hadolint Dockerfile deploy/compose/orthanc/Dockerfile
types: setup ## Static types
	$(BIN)/mypy
contracts: setup ## Who may import whom
	$(BIN)/lint-imports
format: setup ## Put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
bench: setup ## Speed, as ratios within one run
	$(BIN)/python -m tests.bench.preprocessing
	$(BIN)/python -m tests.bench.upload
	$(BIN)/python -m tests.bench.serving
	$(BIN)/python -m tests.bench.batch
	$(BIN)/python -m tests.bench.capacity
soak: setup ## The long forms of the tests of faults, load and reloading
	$(BIN)/python -m tests.soak.reload
	$(BIN)/python -m tests.soak.cycles
	$(BIN)/python -m tests.soak.memory
	$(BIN)/python -m tests.soak.mutations
	$(BIN)/python -m tests.soak.batch
	$(BIN)/python -m tests.soak.overload

##@ Now and then
golden: setup ## Rewrite the golden pixels (only with a raised preprocessing version)
	$(BIN)/python -m tests.imaging.golden
lock: setup ## Rewrite requirements/ by pyproject.toml and constraints.txt, from PyPI (torch: the CUDA build)
	$(COMPILE) --allow-unsafe --output-file requirements/build.txt requirements/build.in
	$(COMPILE) --allow-unsafe $(FOR_SERVICE) --output-file requirements/service.txt pyproject.toml
	$(COMPILE) $(FOR_SERVICE) --unsafe-package onnxruntime-gpu --output-file requirements/service-cpu.txt pyproject.toml requirements/cpu.in
	sed -i '/^$$/,$$d' requirements/service-cpu.txt
	$(COMPILE) --allow-unsafe $(FOR_TRAINING) --output-file requirements/training.txt pyproject.toml requirements/cluster.in
image: ## Build the image TARGET: service, service-cpu or training (needs Docker)
	docker build --target $(TARGET) --build-arg REVISION=$$(git rev-parse HEAD) --tag nodelens:$(TARGET) .
image-check: setup ## Build service-cpu without Docker, and score a phantom in it (root; minutes)
	$(BIN)/python -m tests.deploy.image_check
up: ## Service, archive, bridge and watchers on this machine (needs Docker); PROFILE=gpu
	deploy/compose/secrets.sh
	docker compose --file deploy/compose/compose.yaml --profile $(PROFILE) up --build --detach
test-deps: ## Install the system programs that some tests use, from Debian's packages
	@missing=; for pair in $(PROGRAMS); do \
	  PATH="$$PATH:/usr/sbin" command -v "$${pair%:*}" >/dev/null || missing+=" $${pair#*:}"; done; \
	if [ -z "$$missing" ]; then echo "all there"; \
	elif ! command -v apt-get >/dev/null; then echo "no apt-get here: tests that need$$missing will skip"; \
	else $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $$missing; fi
clean: ## Remove what was made here, .venv included
	rm -rf $(VENV) build demo *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf protos/inference/*_pb2* protos/nodelens/v1/*_pb2* $(NIIVUE)/niivue.min.js $(NIIVUE)/node_modules

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[service,batch,pacs,training,ray,tune,tracing,dev]'
	touch $@

$(NIIVUE)/niivue.min.js: $(addprefix $(NIIVUE)/,package.json package-lock.json niivue.js zarr.js)
	cd $(NIIVUE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run build --silent
	touch $@

stubs: $(STUBS) ## Generate the Python of protos/
%_pb2.py: %.proto $(READY)
	$(BIN)/python -m grpc_tools.protoc -I protos --python_out=protos --pyi_out=protos --grpc_python_out=protos $<
