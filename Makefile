# make demo: set up, segment a shape.   make test: set up, run every test.   make lint: what CI checks.
# make bench: the small benchmarks.     make bench-gate BASE=REF: is anything slower than at REF?
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENV_STAMP := $(VENV)/.environment
BUILD_STAMP := $(VENV)/.core
CORE_SOURCES := $(shell find csrc cmake -type f) CMakeLists.txt setup.py
# Of SAM 2, SAM 3 and segment-anything; with its dependencies torchvision could bring another torch.
WITHOUT_DEPENDENCIES := torchvision segment-anything
CPP_FILES := $(shell find csrc examples tests -name '*.h' -o -name '*.cpp' -o -name '*.cu')

.PHONY: setup demo test lint format bench bench-gate clean

setup: $(BUILD_STAMP)

$(ENV_STAMP): constraints.txt tools/check_machine.py
	@$(PYTHON) tools/check_machine.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt setuptools pybind11 cmake ninja
	@touch $@

$(BUILD_STAMP): $(ENV_STAMP) pyproject.toml $(CORE_SOURCES)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt --no-deps $(WITHOUT_DEPENDENCIES)
	@touch $@

demo: setup
	$(BIN)/pdengine demo --out out/demo

test: setup
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run --Werror $(CPP_FILES)

format: setup
	$(BIN)/ruff check --fix-only -q .
	$(BIN)/ruff format -q .
	$(BIN)/clang-format -i $(CPP_FILES)

bench: setup
	$(BIN)/python bench/run.py --quick

BASE ?= HEAD~1
GATE ?= 1.25

bench-gate: setup
	$(BIN)/python bench/run.py --quick --base $(BASE) --gate $(GATE)

clean:
	rm -rf build $(VENV) out pdengine/*.so *.egg-info
