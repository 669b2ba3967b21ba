# `make` lists the commands. Everything runs in .venv; the stamps make a repeated call quick.
PYTHON ?= python3
JOBS   ?= 2
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
OUT    ?= build/digits

.PHONY: help demo test fast slow fuzz lint fmt check clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.stamp-demo ## build the bundled digits model for a microcontroller, run and verify it, print what it costs
	$(BIN)/hwcomp build models/digits_qdq.onnx --target mcu -o $(OUT)
	$(BIN)/hwcomp verify $(OUT) --on host,cortex-m4
	$(BIN)/hwcomp report $(OUT) --on cortex-m4

test: .venv/.stamp-test ## all tests, simulations and real models included
	$(BIN)/python -m pytest -n $(JOBS) -m "slow or not slow"

fast: .venv/.stamp-test ## the fast tests, in parallel
	$(BIN)/python -m pytest -n $(JOBS)

slow: .venv/.stamp-test ## simulations, end to end, real models and everything else that takes long
	$(BIN)/python -m pytest -n $(JOBS) -m slow

fuzz: .venv/.stamp-test ## 10,000 random graphs against the runtimes and through the targets
	$(BIN)/python -m tests.fuzz.run --seeds 10000

lint: .venv/.stamp-lint ## format, types, layers and the C linters
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/basedpyright --pythonpath $(BIN)/python --level error
	find firmware -name '*.[ch]' -print0 | xargs -0 -r $(BIN)/clang-format --dry-run -Werror
	find firmware/kernels/generic -name '*.c' -print0 | xargs -0 -r $(BIN)/cppcheck --quiet --std=c99 \
	  --enable=warning,portability --error-exitcode=1 -Ifirmware/include

fmt: .venv/.stamp-lint ## ruff and clang-format, in place
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	find firmware -name '*.[ch]' -print0 | xargs -0 -r $(BIN)/clang-format -i

check: lint fast ## what to run before every commit

clean: ## remove what the commands made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hwcomp needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

.venv/.stamp-demo: pyproject.toml | .venv/bin/python
	@echo "installing hwcomp and the microcontroller tools into .venv (once)"
	$(PIP) -e '.[mcu]'
	@touch $@

.venv/.stamp-test: pyproject.toml scripts/install_tools.sh | .venv/bin/python
	@echo "installing hwcomp and its tests' needs into .venv (once)"
	@scripts/install_tools.sh
	$(PIP) -e '.[test,mcu,rtl,synth,formal,dask,tvm]'
	@scripts/install_hls_headers.sh .venv/bin/python
	@touch $@

.venv/.stamp-lint: pyproject.toml | .venv/bin/python
	@echo "installing the linters into .venv (once)"
	$(PIP) -e '.[lint,test,mcu,rtl]'
	@touch $@
