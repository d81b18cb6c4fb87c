"""Sounds as features: what a recogniser or a hurried thumb gets wrong often still sounds right."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pypinyin import lazy_pinyin
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message

from components.counts import SentenceCountsFeaturizer

# Southern speakers (and recognisers hearing them) merge these sounds.
_MERGED = [
    (re.compile(r"^zh"), "z"),
    (re.compile(r"^ch"), "c"),
    (re.compile(r"^sh"), "s"),
    (re.compile(r"ng$"), "n"),
]
_NOT_SAID = re.compile(r"[^0-9a-z]+")


def merge_accent(syllable: str) -> str:
    """`zhong` and `zong`, `ming` and `min` become one: what a southern ear does not part."""
    for pattern, replacement in _MERGED:
        syllable = pattern.sub(replacement, syllable)
    return syllable


@lru_cache(maxsize=4096)
def syllables(text: str) -> list[str]:
    """Toneless, accent-merged syllables of `text`; runs of Latin letters and digits stay whole."""
    return [
        merge_accent(word)
        for piece in lazy_pinyin(text.lower())
        for word in _NOT_SAID.split(piece)
        if word
    ]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class PinyinFeaturizer(SentenceCountsFeaturizer):
    """Counts n-grams of the syllables of the whole message (not of its tokens, which shift
    when one character is wrong)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**SentenceCountsFeaturizer.get_default_config(), "min_ngram": 1, "max_ngram": 3}

    @staticmethod
    def required_packages() -> list[str]:
        return ["pypinyin", "sklearn"]

    def _get_message_tokens_by_attribute(self, message: Message, attribute: str) -> list[str]:
        return list(syllables(message.get(attribute) or ""))
