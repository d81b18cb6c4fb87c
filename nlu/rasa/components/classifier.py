"""The logistic regression, kept as two plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.tensorflow.constants import RANKING_LENGTH

INTENT_RANKING = "intent_ranking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(LogisticRegressionClassifier):
    """Trains as Rasa's own does, but keeps and applies the weights itself.

    Rasa's keeps the scikit-learn object through `skops`, whose import takes four seconds of every
    start, and at every message copies the whole matrix of weights, two thirds of the parse.
    `C` is the inverse of the regularisation's strength. `temperature` divides the scores before
    they become likelihoods, so that of the guesses called 80 % sure about 80 % are right; it is
    chosen on the lines of `nlu/corpus/dev`, which the classifier never learns from.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**LogisticRegressionClassifier.get_default_config(), "C": 1.0, "temperature": 1.0}

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(C=self.config["C"])
        self._intents: list[str] = []
        self._weights: np.ndarray | None = None  # (features, intents), rows together in memory
        self._bias: np.ndarray | None = None

    def persist(self) -> None:
        self._take_weights()
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(
                folder / "weights.npz",
                intents=np.array(self._intents),
                weights=self._weights.astype(np.float32),
                bias=self._bias,
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        component = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / "weights.npz") as kept:
            component._intents = kept["intents"].tolist()
            component._weights = kept["weights"]
            component._bias = kept["bias"]
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._rank(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            kept = self.config[RANKING_LENGTH] or len(ranking)
            message.set(INTENT_RANKING, ranking[:kept], add_to_output=True)
        return messages

    def _take_weights(self) -> None:
        self._intents = [str(intent) for intent in self.clf.classes_]
        self._weights = np.ascontiguousarray(self.clf.coef_.T)
        self._bias = self.clf.intercept_

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        probabilities = softmax(self._scores(message) / self.config["temperature"])
        order = np.argsort(-probabilities)
        return [
            {"name": self._intents[place], "confidence": float(probabilities[place])}
            for place in order
        ]

    def _scores(self, message: Message) -> np.ndarray:
        """Counts come first among the features, then the dense ones, as in training."""
        counts, dense = _sentence_features(message)
        width = counts.shape[1]
        return (
            (counts.tocsr() @ self._weights[:width])[0]
            + dense[0] @ self._weights[width:]
            + self._bias
        )


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities from scores, without overflow."""
    raised = np.exp(scores - scores.max())
    return raised / raised.sum()


def _sentence_features(message: Message) -> tuple[Any, np.ndarray]:
    return (
        message.get_sparse_features(attribute=TEXT)[1].features,
        message.get_dense_features(attribute=TEXT)[1].features,
    )
