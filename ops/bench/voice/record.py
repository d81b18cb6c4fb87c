"""Speaks what the callers of the bench say: `python -m ops.bench.voice.record` in the recipe's
environment (`make voice-callers`). Half a second of work and more for each second of speech, done
once: what is there already is kept.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from ivr.model.speech import telephone
from ivr.model.voices import Manner, Unspeakable, Voice, load
from ops.bench.asr import shipped
from ops.bench.voice.voices import ENGINES, PACE, SPEECH, Said, to_say

TRIES = 4
"""ttskit now and then runs away with a text, by chance."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--out", type=Path, default=SPEECH)
    parser.add_argument("--voices", type=Path, default=Path(".cache/model/voices"))
    args = parser.parse_args()
    for engine in args.engine or ENGINES:
        folder = args.out / engine
        left = [one for one in to_say(engine) if not (folder / one.file).is_file()]
        if left:
            voice = load(engine, args.voices)
            refused = [one.text for one in left if not _speak(voice, one, folder)]
            if refused:
                print(f"{engine} could not say: {', '.join(refused)}")
        print(f"{engine}: {len(to_say(engine))} texts in {folder}", flush=True)


def _speak(voice: Voice, one: Said, folder: Path) -> bool:
    manner = Manner(one.speaker, {"speed": PACE})
    for attempt in range(TRIES):
        try:
            samples = voice.say(one.text, manner, Random(f"{one.speaker} {one.text} {attempt}"))
            heard = telephone(samples, voice.rate)
        except Unspeakable:
            continue
        half = f"{one.file}.part"
        shipped.write(folder, half, shipped.Recording("", "", "", "", ""), heard)
        (folder / half).replace(folder / one.file)
        return True
    return False


if __name__ == "__main__":
    main()
