# 银铃. `make demo` and `make test` set up everything they need.

# uv lives in a small environment of its own, so that nothing has to be installed by hand.
UV := .uv/bin/uv
YINLING := .venv/bin/yinling
# The two projects have their own Pythons: this one's answer must not reach the other.
unexport UV_PYTHON VIRTUAL_ENV

.PHONY: setup trained demo up test check bench-chat bench-orders bench-nlu bench-asr encoder clean

setup: .venv/.ready nlu/rasa/.venv/.ready

$(UV):
	python3.11 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --quiet
	touch $@

nlu/rasa/.venv/.ready: $(UV) nlu/rasa/pyproject.toml nlu/rasa/uv.lock
	$(UV) --directory nlu/rasa sync --locked --quiet
	touch $@

trained: setup
	.venv/bin/python -c "from nlu.rasa_server import ensure_trained; ensure_trained()"

# `make demo -- --keep` (or `make up`) leaves it running.
demo: trained
	$(YINLING) demo $(filter --keep,$(MAKECMDGOALS))

--keep:
	@:

up: trained
	$(YINLING) demo --keep

test: trained
	.venv/bin/pytest --cov=backend/domain --cov=nlu/values --cov-branch --cov-fail-under=95

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench-chat: trained
	$(YINLING) bench chat

bench-orders: setup
	$(YINLING) bench orders

# The pictures need a library that nothing else does, in a dependency group of its own.
bench-nlu: setup
	$(UV) run --locked --quiet --group bench yinling bench nlu

# PEOPLE=FOLDER: recordings of real people beside the made ones, see ops/bench/asr/people.py.
PEOPLE ?=
bench-asr: setup
	$(UV) run --locked --quiet --group bench yinling bench asr $(if $(PEOPLE),--people $(PEOPLE))

# Teaches the sentence encoder's upper layers anew: nlu/rasa/encoder/CARD.md.
encoder: setup
	$(UV) run --locked --quiet --group encoder python nlu/rasa/encoder/fit.py

clean:
	rm -rf .venv .uv var nlu/rasa/.venv nlu/rasa/models .mypy_cache .ruff_cache .pytest_cache

# The recogniser model: ivr/model/README.md.
include ivr/model/recipe.mk
