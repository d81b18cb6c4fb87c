"""Counts of words and characters for the whole sentence."""

from __future__ import annotations

from typing import Any

import scipy.sparse
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import (
    CountVectorsFeaturizer,
)
from rasa.shared.nlu.constants import TEXT

Matrices = list[scipy.sparse.spmatrix | None]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceCountsFeaturizer(CountVectorsFeaturizer):
    """Rasa's counts without a row for every token, which a logistic regression never reads and
    which cost most of the parse; `weight` sets how much these counts say beside the others."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**CountVectorsFeaturizer.get_default_config(), "weight": 1.0}

    @staticmethod
    def _attributes_for(analyzer: str) -> list[str]:
        return [TEXT]

    def _create_features(
        self, attribute: str, all_tokens: list[list[str]]
    ) -> tuple[Matrices, Matrices]:
        vectorizer = self.vectorizers.get(attribute)
        sentences: Matrices = []
        for tokens in all_tokens:
            if vectorizer is None:
                sentences.append(None)
                continue
            # A message of nothing but an emoji has no syllables: zeros, not a narrower row.
            counts = vectorizer.transform([" ".join(tokens)]).astype(float)
            sentences.append((counts * self._config["weight"]).tocoo())
        return [None] * len(sentences), sentences
