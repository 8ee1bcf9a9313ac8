# README's two commands are `make run` and `make test`; the rest is for people who change the code.
PY := .venv/bin/python
STAMP := .venv/.installed

.PHONY: run test check journey gallery bench generalise signers fuzz format lock

$(STAMP): requirements/dev.txt pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: install it and run make again."; exit 1; }
	python3 -m venv --clear .venv
	$(PY) -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: $(STAMP)
	$(PY) -m demo run

journey: $(STAMP)
	$(PY) -m demo journey

# Two at a time, each with servers of its own; `pytest PATH` alone runs one after the other.
test: $(STAMP)
	$(PY) -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

check: $(STAMP)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m tests.check

# Every mail and every page as a picture, in both languages, with an index.html; a folder outside the repository.
GALLERY ?= $(HOME)/.cache/viis-gallery
gallery: $(STAMP)
	$(PY) -m tests.gallery $(GALLERY)

bench: $(STAMP)
	$(PY) -m benchmarks

# Fifty and more variants of each kind of file that once went wrong, held against other programs.
generalise: $(STAMP)
	$(PY) -m benchmarks generalise

# Our own form, signed by the programs that registries offer; benchmarks/_signers/README.md says what has to be there.
SIGNERS ?= $(HOME)/.cache/viis-signers
signers: $(STAMP)
	$(PY) -m benchmarks.signers --keep $(SIGNERS)

# Atheris serves nothing else and is large: it has a folder of its own.
.venv/.fuzz: requirements/fuzz.txt $(STAMP)
	$(PY) -m pip install --quiet --require-hashes --upgrade --target .venv/.fuzz -r requirements/fuzz.txt
	@touch .venv/.fuzz

FUZZ_SECONDS ?= 60
fuzz: .venv/.fuzz
	PYTHONPATH=.venv/.fuzz $(PY) -m tests.fuzz --seconds $(FUZZ_SECONDS)

format: $(STAMP)
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Versions stay as they are where pyproject.toml allows it; --upgrade-package NAME in LOCK takes a newer one.
LOCK ?=
COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock:
	$(COMPILE) $(LOCK) --quiet --output-file requirements/runtime.txt
	$(COMPILE) $(LOCK) --quiet --extra dev --output-file requirements/dev.txt
