# `make` lists what there is.

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin

# What this machine sets for other projects must not reach this one.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PIP_CONSTRAINT PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_TARGET
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

succeeds = $(shell $(1) >/dev/null 2>&1 && echo yes)
new_enough = $(call succeeds,$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))')
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(if $(call new_enough,$(name)),$(name))))

DATA ?= data/sst5
BUILT := build/model_store
# What the labels of the treebank alone come to; the default model has a teacher too (docs/distilling.md).
COMMITTED := model_store/sentiment/2

## Start

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^## / { printf "\n%s\n", substr($$0, 4) } /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)

.PHONY: run
run: .venv/local ## serve on port 1337 (SENTIGRADE_PORT changes it); Ctrl-C stops
	@exec $(BIN)/sentigrade run

## Test

.PHONY: test
test: .venv/dev .venv/newman/installed ## unit, contract and end-to-end tests; no Docker, no root
	@# Three side by side on two cores, as many of them wait for a while.
	$(BIN)/python -m pytest --numprocesses=$$(($$(nproc) * 3 / 2)) --dist=worksteal

.PHONY: test-compose
test-compose: .venv/dev ## build the images, start them with Docker Compose, test them
	$(BIN)/python -m pytest -m compose

.PHONY: test-browser
test-browser: .venv/dev ## the page in a real browser: an installed Chromium, no Docker
	$(BIN)/python -m pytest -m browser --numprocesses=auto

.PHONY: test-monitoring
test-monitoring: .venv/dev ## the dashboard and the alerts, with an installed Prometheus that watches a real service
	$(BIN)/python -m pytest -m monitoring

.PHONY: test-torch
test-torch: .venv-torch/installed ## the training that needs torch, in an environment of its own
	.venv-torch/bin/python -m pytest -m torch

.PHONY: test-slow
test-slow: .venv/dev ## the tests that take minutes
	$(BIN)/python -m pytest -m slow

.PHONY: lint
lint: .venv/dev lint-deploy ## style, types and import rules, and what machines elsewhere are given
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: lint-deploy
lint-deploy: .venv/dev
	$(BIN)/cfn-lint $$(grep --recursive --files-with-matches ^AWSTemplateFormatVersion deploy)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	$(BIN)/pre-commit validate-config
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/zizmor --offline --quiet .github/workflows
	$(BIN)/hadolint services/Dockerfile nginx/Dockerfile
	$(BIN)/shellcheck $$(git grep --files-with-matches '^#!/\(bin/sh\|usr/bin/env bash\)$$')
	set -e; for folder in $$(grep --recursive --files-with-matches '^kind: Kustomization' deploy/eks | xargs dirname); do \
		manifests=$$($(BIN)/kubectl kustomize $$folder); \
		printf '%s\n' "$$manifests" | $(BIN)/kubernetes-validate --strict --quiet /dev/stdin; done

## Documentation and pictures

.PHONY: docs
docs: .venv-site/installed ## build the site into build/site; a link that leads nowhere stops it
	.venv-site/bin/sphinx-build -c docs --nitpicky --fail-on-warning --keep-going --quiet . build/site
	@echo "The site is in build/site/index.html."

WITH_TORCH := 03-transformer.ipynb 04-evaluate.ipynb
KEPT := {'kernelspec', ('language_info', 'name')}
# Neither bars of progress, nor what a busy machine complains of, nor what it is stay in a notebook.
QUIET := ignore:IProgress,ignore:A worker stopped
execute = cd notebooks && DATA=$(abspath $(DATA)) TQDM_DISABLE=1 PYTHONWARNINGS="$(QUIET)" ../$(1)/jupyter nbconvert \
	--to notebook --execute --inplace --ClearMetadataPreprocessor.enabled=True \
	--ClearMetadataPreprocessor.preserve_nb_metadata_mask="$(KEPT)" $(2)

.PHONY: notebooks
notebooks: .venv/dev .venv-torch/installed ## run the notebooks again on DATA (the treebank's folder)
	$(BIN)/jupytext --quiet --sync notebooks/*.ipynb
	$(call execute,$(BIN),$(filter-out $(WITH_TORCH),$(notdir $(wildcard notebooks/*.ipynb))))
	$(call execute,.venv-torch/bin,$(WITH_TORCH))

.PHONY: page-picture
page-picture: .venv/dev ## draw docs/page.png again
	$(BIN)/python -m tests.browser.picture docs/page.png

.PHONY: report-picture
report-picture: .venv/dev ## draw docs/batch-report.png again
	$(BIN)/python -m tests.browser.report_picture docs/batch-report.png

.PHONY: dashboard-picture
dashboard-picture: .venv/dev ## draw docs/dashboard.png again; takes six minutes
	$(BIN)/python -m tests.monitoring.picture docs/dashboard.png

## Models

# OpenBLAS adds up in another order on each kind of processor, and a LinearSVC that stops early tells: one order for all.
train notebooks: export OPENBLAS_CORETYPE := Haswell

.PHONY: train
train: .venv/local ## make sentiment@2 again from DATA (the treebank's folder) and compare its figures
	rm -rf $(BUILT)
	$(BIN)/sentigrade train $(DATA) --store $(BUILT)
	diff $(COMMITTED)/metrics.json $(BUILT)/sentiment/1/metrics.json
	@cmp --silent $(COMMITTED)/model.joblib $(BUILT)/sentiment/1/model.joblib \
		&& echo "the committed model, to the last bit" || echo "the committed figures, from a model that differs in its last digits"

## Measure

.PHONY: bench
bench: .venv/dev ## compare with a constant-answer app behind the same nginx
	$(BIN)/python -m bench

.PHONY: bench-lambda
bench-lambda: .venv/dev ## measure how long a function of Lambda takes to start and to answer
	$(BIN)/python -m bench.function

SHARE := 1

.PHONY: bench-batch
bench-batch: .venv/dev ## measure `sentigrade batch` and what others would write: half an hour, or a SHARE of it
	$(BIN)/python -m bench.batch --share $(SHARE)

.PHONY: endure
endure: .venv/dev ## overload, killed workers, two million requests: 25 minutes, or a SHARE of them such as 0.05
	$(BIN)/python -m bench.endurance --share $(SHARE)

PEERS := litserve mlserver bentoml

.PHONY: bench-peers
bench-peers: .venv/dev $(PEERS:%=.venv-peers/%/installed) ## compare with LitServe, MLServer and BentoML
	$(BIN)/python -m bench.peers

## Look after it

.PHONY: lock
lock: .venv/uv ## choose the versions in requirements/ and bench/peers/ again
	$(call compile,core)
	$(call compile,local,--extra local --constraint requirements/core.txt)
	$(call compile,fasttext,--extra fasttext --constraint requirements/core.txt)
	$(call compile,transformer,--extra transformer --constraint requirements/core.txt)
	$(call compile,batch,--extra batch --constraint requirements/core.txt)
	$(call compile,ray,--extra ray --constraint requirements/core.txt)
	$(call compile,lambda,--extra lambda --constraint requirements/core.txt)
	UV_FIND_LINKS="$$PIP_FIND_LINKS" $(call compile,torch,--extra torch --constraint requirements/core.txt --constraint requirements/torch.in)
	$(call compile,dev,--extra dev --constraint requirements/core.txt)
	$(choose) requirements/site.in --output-file requirements/site.txt
	$(call compile_peer,litserve)
	$(call compile_peer,mlserver)
	$(call compile_peer,bentoml)

choose = $(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header --quiet
compile = $(choose) pyproject.toml $(2) --output-file requirements/$(1).txt
compile_peer = $(choose) bench/peers/$(1).in --output-file bench/peers/$(1).txt \
	--constraint requirements/core.txt --override bench/peers/overrides.txt

.PHONY: clean
clean: ## remove everything that is not in the repository
	rm -rf .venv .venv-peers .venv-site .venv-torch .run build bench/latest .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.egg-info' -prune -exec rm -rf {} +

# The environment: each lock file, once installed, leaves a stamp of its name in .venv.
.venv/local .venv/dev: .venv/%: requirements/%.txt pyproject.toml .venv/made
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $<
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# newman, which runs the Postman collection; node and npm come with .venv/dev.
NEWMAN := $(addprefix tests/documentation/postman/,.npmrc package.json package-lock.json)
.venv/newman/installed: $(NEWMAN) | .venv/dev
	@mkdir -p $(@D)
	cp $(NEWMAN) $(@D)
	$(BIN)/npm ci --prefix $(@D) --loglevel=error >/dev/null
	@touch $@

# spaCy imports torch wherever it is installed, and so makes everything else slow to start: hence a place of its own.
.venv-torch/installed: requirements/dev.txt requirements/torch.txt pyproject.toml
	$(require_python)
	$(PYTHON) -m venv --clear .venv-torch
	.venv-torch/bin/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	.venv-torch/bin/python -m pip install --quiet --require-hashes --requirement requirements/torch.txt
	.venv-torch/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-site/installed: requirements/site.txt
	$(require_python)
	$(PYTHON) -m venv --clear .venv-site
	.venv-site/bin/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

# A peer's lock file is complete, and overrides.txt has taken back what one of them asks for: so --no-deps.
.venv-peers/%/installed: bench/peers/%.txt
	$(require_python)
	$(PYTHON) -m venv --clear .venv-peers/$*
	.venv-peers/$*/bin/python -m pip install --quiet --no-deps --require-hashes --requirement $<
	@touch $@

.venv/uv: .venv/made
	$(BIN)/python -m pip install --quiet uv
	@touch $@

.venv/made:
	$(require_python)
	$(PYTHON) -m venv --clear .venv
	@touch $@

define require_python
$(if $(PYTHON),,$(error Python 3.11 or newer is needed: install it, such as with `apt-get install python3 python3-venv`))
$(if $(call new_enough,$(PYTHON)),,$(error $(PYTHON) is not Python 3.11 or newer: set PYTHON to one that is))
$(if $(call succeeds,$(PYTHON) -c 'import ensurepip; import venv'),,$(error $(PYTHON) cannot make environments: install what it lacks, such as with `apt-get install python3-venv`))
endef
