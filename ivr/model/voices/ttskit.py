"""ttskit: 24 native voices that differ (mellotron and MelGAN, PyTorch of 2021), and mixtures.

The package keeps whole pickled modules and imports a sound laboratory: here its folders are put
where the pickles look for them, with stand-ins for what speaking does not need.
"""

from __future__ import annotations

import hashlib
import sys
import types
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from ivr.model.packaged import packaged
from ivr.model.phones import syllables_of
from ivr.model.voices import Manner, Unspeakable
from ivr.model.voices.mel import slaney, slaney_back, warp

if TYPE_CHECKING:
    from ivr.model.voices import Samples

HELD = ("Aida", "Aijia", "Aiyue")
"""Never in training, nor in a mixture for it."""
MEN = ("Aicheng", "Xiaogang", "Xiaoyun")
"""The few: drawn more often than their number."""
SPEAKERS = (
    "Aibao", "Aicheng", "Aijing", "Aimei", "Aina", "Aiqi", "Aitong", "Aiwei", "Aixia", "Aiya",
    "Aiyu", "Siyue", "Xiaobei", "Xiaogang", "Xiaomei", "Xiaomeng", "Xiaowei", "Xiaoxue", "Xiaoyun",
    "Yina", "biaobei",
)  # fmt: skip
LOW_HZ, HIGH_HZ = 0.0, 8000.0
FIRST_STEPS, STEPS_A_SYLLABLE = 60, 26
"""Decoder steps that no sane reading needs more of."""
LONGEST_JUMP, UNREAD = 9, 5
"""Symbols that attention may skip, or leave at the end, in a sane reading."""


class Ttskit:
    """See Voice."""

    rate = 22_050

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        symbols, self._sounds = _front_end()
        self._ids = {symbol: number for number, symbol in enumerate(symbols)}
        resource = "ttskit/resource/model/"
        # weights_only=False runs code of the pickle: the package is pinned and installed anyway.
        self._bands, self._sound = (
            torch.load(packaged("ttskit", resource + name), "cpu", weights_only=False)
            for name in ("mellotron.kuangdd-mspk.pt", "melgan.kuangdd.pt")
        )
        self._bands.eval()
        torch.nn.Module.eval(self._sound)
        self._sound.remove_weight_norm()

    def manner(self, dice: Random, held: bool) -> Manner:
        """A speaker or a mixture of two; speed, and the throat twice over: shifted bands, and
        samples played at another rate, which moves the pitch along.
        """
        if held:
            return Manner(dice.choice(HELD))
        speaker, style = dice.choice(MEN if dice.random() < 0.2 else SPEAKERS), {}
        if dice.random() < 0.4:
            speaker += "+" + dice.choice(SPEAKERS)
            style["share"] = dice.uniform(0.3, 1)
        style["speed"] = dice.uniform(0.7, 1.4)
        if dice.random() < 0.6:
            style["throat"] = dice.uniform(0.85, 1.15)
        if dice.random() < 0.4:
            style["size"] = dice.uniform(0.85, 1.15)
        return Manner(speaker, {name: round(value, 3) for name, value in style.items()})

    def say(self, text: str, manner: Manner, dice: Random) -> Samples:
        """See Voice. `dice` also drives the network's own chance."""
        import torch

        phrases, style = syllables_of(text), manner.style
        symbols = self._symbols(phrases, dice.choice("..?!"))
        torch.manual_seed(dice.randrange(2**31))
        decoder = self._bands.decoder
        decoder.max_decoder_steps = FIRST_STEPS + STEPS_A_SYLLABLE * sum(
            len(p) + 1 for p in phrases
        )
        with torch.inference_mode():
            asked = (torch.tensor([symbols]), 0, torch.tensor([self._who(manner)]), None)
            rough, bands, _, attention = self._bands.inference(asked)
            read = attention[0].argmax(1)
            jump = int((read[1:] - read[:-1]).max()) if len(read) > 1 else LONGEST_JUMP + 1
            if (
                rough.shape[2] >= decoder.max_decoder_steps
                or int(read[-1]) < attention.shape[2] - UNREAD
                or jump > LONGEST_JUMP
            ):
                raise Unspeakable(f"ran away with {text}")
            length = int(bands.shape[2] / style.get("speed", 1.0) * style.get("size", 1.0))
            bands = torch.nn.functional.interpolate(bands, size=max(length, 1), mode="linear")
            if "throat" in style:
                shifted = warp(
                    bands[0].T.numpy(), style["throat"], LOW_HZ, HIGH_HZ, slaney, slaney_back
                )
                bands = torch.from_numpy(np.ascontiguousarray(shifted.T))[None]
            samples = self._sound.inference(bands).numpy().astype(np.float32) / 32768
        return _played(samples.ravel(), style.get("size", 1.0))

    def _who(self, manner: Manner) -> list[float]:
        first, _, second = manner.speaker.partition("+")
        share = manner.style.get("share", 1.0) if second else 1.0
        pairs = zip(_embedding(first), _embedding(second or first), strict=True)
        return [share * a + (1 - share) * b for a, b in pairs]

    def _symbols(self, phrases: list[list[str]], end: str) -> list[int]:
        symbols: list[str] = []
        for number, phrase in enumerate(phrases):
            for syllable in phrase:
                if syllable not in self._sounds:
                    raise Unspeakable(syllable)
                symbols += [*self._sounds[syllable].split(), "-"]
            symbols += [end if number == len(phrases) - 1 else ",", "-"]
        return [self._ids[symbol] for symbol in [*symbols, "~", "_"]]


def _embedding(speaker: str) -> list[float]:
    """How the package makes a speaker of a name."""
    return [(int(digit, 16) - 7) / 10 for digit in hashlib.md5(speaker.encode()).hexdigest()]


def _played(samples: Samples, rate: float) -> Samples:
    """`rate` times as fast: a smaller speaker, higher all over."""
    import soxr

    if rate == 1.0:
        return samples
    slower: Samples = soxr.resample(samples, Ttskit.rate * rate, Ttskit.rate).astype(np.float32)
    return slower


class _Anything:
    """Stands for whatever the package imports and speaking never calls."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __call__(self, *_: object, **__: object) -> _Anything:
        return self

    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self) -> Any:
        return iter(())


class _AnyModule(types.ModuleType):
    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()


def _module(name: str, path: Path | None = None, **contents: object) -> None:
    module = types.ModuleType(name) if contents or path else _AnyModule(name)
    module.__path__ = [str(path)] if path else []
    vars(module).update(contents)
    sys.modules[name] = module


def _front_end() -> tuple[list[str], dict[str, str]]:
    """The package's symbols and its table of syllables with tones; makes its pickles loadable."""
    for name in ("librosa", "librosa.filters", "librosa.util"):
        _module(name)
    for name in ("aukit", "aukit.audio_spectrogram", "aukit.audio_io", "aukit.audio_griffinlim"):
        _module(name)
    home = packaged("ttskit", "ttskit/__init__.py").parent
    for name in ("ttskit", "ttskit.mellotron", "ttskit.melgan", "ttskit.melgan.model"):
        _module(name, home.joinpath(*name.split(".")[1:]))
    for name in ("mellotron", "melgan", "melgan.model"):
        _module(name, home.joinpath(*name.split(".")))
    kit = packaged("phkit", "phkit/__init__.py").parent
    _module("phkit", kit)
    _module("phkit.chinese", kit / "chinese")
    from phkit.chinese.phoneme import pinyin2ph_dict
    from phkit.chinese.symbol import symbol_chinese

    return symbol_chinese, pinyin2ph_dict


def load(folder: Path) -> Ttskit:
    """The folder is not needed."""
    return Ttskit()
