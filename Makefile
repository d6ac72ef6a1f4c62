# Everything sets itself up: the virtual environment, the dependencies, then the command.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A worker a core, four at most: each holds torch and the models that its files ask for. The files
# come in the order of tests/conftest.py.
EACH_CORE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# And one thread a worker for the matrices of NumPy, as for torch: two of them on a busy core mostly
# wait for each other, which took the tests of the word vectors twice the processor time.
test test-python test-all test-fast: export OPENBLAS_NUM_THREADS := 1
# What waits for another process may wait too long on a busy machine: it has a second try, and the
# summary names it.
TWICE := --reruns 1 -rR
# Bytecode is kept even where the machine asks for none: each of a hundred processes would compile all
# of this anew, and each worker every test.
unexport PYTHONDONTWRITEBYTECODE
CPU_INDEX := https://download.pytorch.org/whl/cpu/

.PHONY: demo test test-python test-all test-fast test-cluster lint lock screenshots train train-tiny bench load soak offline-bundle clean

demo: $(VENV)/.app
	@echo "Starting Orrery; the address follows."
	@$(BIN)/python app.py

test: $(VENV)/.dev
	@echo "Lint and types, beside them the tests in Python; then the page in Chromium."
	$(MAKE) --no-print-directory -j2 lint test-python
	$(BIN)/python -m pytest -q $(EACH_CORE) $(TWICE) -m "not thorough" tests/browser

test-python: $(VENV)/.dev
	$(BIN)/python -m pytest -q $(EACH_CORE) $(TWICE) --ignore tests/browser -m "not thorough and not cluster"

# And the longest: every view with every hostile text, slow readers, a class, a leak, nginx in front.
test-all: test
	$(BIN)/python -m pytest -q $(EACH_CORE) $(TWICE) --ignore tests/browser -m "thorough and not cluster"
	$(BIN)/python -m pytest -q $(EACH_CORE) $(TWICE) -m thorough tests/browser

# For daily work: what needs no process, no checkpoint and no whole training.
test-fast: $(VENV)/.dev lint
	$(BIN)/python -m pytest -q $(EACH_CORE) --ignore tests/browser -m "not process and not weights and not slow"

# The backend on Ray Serve, which brings another HTTP server: in an environment of its own.
test-cluster: .venv-ray/.done
	.venv-ray/bin/python -m pytest -q -m cluster tests/inference/cluster

.venv-ray/.done: requirements.txt requirements-dev.txt requirements-ray.txt
	@test -x .venv-ray/bin/python || $(PYTHON) -m venv .venv-ray
	@.venv-ray/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt -r requirements-ray.txt
	@touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

lock: $(VENV)/.dev
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --unsafe-package torch --unsafe-package setuptools \
		--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock requirements.txt

screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.browser.screenshots
	$(BIN)/python -m tests.browser.screenshots runs/screenshots

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.decoding
	$(BIN)/python -m benchmarks.ablation
	$(BIN)/python -m benchmarks.attention
	$(BIN)/python -m benchmarks.waterfall
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.watching
	$(BIN)/python -m benchmarks.room

train: $(VENV)/.dev
	$(BIN)/python -m training.tokenizers
	$(BIN)/python -m training.token_counts
	$(BIN)/python -m training.storyteller --fresh
	$(BIN)/python -m training.fill_in
	$(BIN)/python -m training.translators
	$(BIN)/python -m training.growing
	$(BIN)/python -m training.ladder
	$(BIN)/python -m training.word_vectors
	$(BIN)/python -m training.evaluate

# Needs no corpora: it writes its own text. `make test` does the same once and checks the result.
train-tiny: $(VENV)/.dev
	$(BIN)/python -m training.tiny runs/tiny

$(VENV)/.app: requirements.txt requirements-cpu.txt
	@echo "Setting up $(VENV): this downloads the dependencies once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v nvidia-smi >/dev/null 2>&1; then \
		echo "An NVIDIA driver is here: taking torch with CUDA."; \
	elif $(BIN)/python -c "import urllib.request as u; u.urlopen('$(CPU_INDEX)', timeout=5)" 2>/dev/null; then \
		echo "No NVIDIA driver: taking the smaller CPU build of torch."; \
		$(BIN)/pip install -q --disable-pip-version-check -r requirements-cpu.txt; \
	fi
	@$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.app requirements-dev.txt
	@echo "Adding the tools for tests and training."
	@$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# One folder for a machine without internet, of this kind and with this Python: docs/hosting.md. The
# packages are those of .venv, to the version.
BUNDLE := runs/orrery-offline
offline-bundle: $(VENV)/.app
	rm -rf $(BUNDLE) $(BUNDLE).tar
	mkdir -p $(BUNDLE)/wheels
	git archive --prefix=orrery/ HEAD | tar -x -C $(BUNDLE)
	cp docs/offline/* $(BUNDLE)
	$(BIN)/pip freeze --disable-pip-version-check > $(BUNDLE)/wheels/versions
	$(BIN)/pip download -q --disable-pip-version-check --retries 1 --only-binary :all: \
		--extra-index-url $(CPU_INDEX) -d $(BUNDLE)/wheels -c $(BUNDLE)/wheels/versions -r requirements.txt
	$(BIN)/python docs/offline/which.py > $(BUNDLE)/wheels/for
	tar -cf $(BUNDLE).tar -C $(dir $(BUNDLE)) $(notdir $(BUNDLE))
	du -sh $(BUNDLE)/* $(BUNDLE).tar

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

load: $(VENV)/.dev
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.lecture

soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.trainings
