"""Our own parts of Rasa's pipeline, run in Rasa's own Python."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from nlu.rasa_server import RASA_HOME, rasa_python

PRELUDE = "import json, lean; lean.leave_out()\n"


def in_rasa(code: str) -> Any:
    """The JSON that `code` prints last, run by Rasa's Python without TensorFlow."""
    done = subprocess.run(
        [rasa_python(), "-W", "ignore", "-c", PRELUDE + code],
        cwd=RASA_HOME, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """One start of Rasa's Python for all of these: it takes seconds."""
    return dict(
        in_rasa(
            """
import sys
import numpy as np
from components.classifier import IntentClassifier, softmax
from components.meaning import EmbeddingStore, MeaningFeaturizer, embed
from components.pinyin import PinyinFeaturizer, syllables
from pathlib import Path
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.tokenizers.jieba_tokenizer import JiebaTokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
import tempfile

folder = Path(tempfile.mkdtemp())
storage = LocalModelStorage(folder / "model")
(folder / "model").mkdir()

def context(name):
    return ExecutionContext(GraphSchema({}), node_name=name)

def trained(cls, name, data, **config):
    full = {**cls.get_default_config(), **config}
    first = cls.create(full, storage, Resource(name), context(name))
    first.train(data)
    return cls.load(full, storage, Resource(name), context(name))

lines = [("order_meal", "明天送饭"), ("order_meal", "订一份午饭"), ("order_meal", "给我妈订饭"),
         ("order_nursing", "护士来换药"), ("order_nursing", "上门打针"),
         ("order_nursing", "约护士换药"), ("thanks", "🙏")]
data = TrainingData([Message({TEXT: text, INTENT: intent}) for intent, text in lines])
pinyin = trained(PinyinFeaturizer, "pinyin", data)
meaning = trained(MeaningFeaturizer, "meaning", data, cache_folder=str(folder))
for part in (pinyin, meaning):
    part.process_training_data(data)
classifier = trained(IntentClassifier, "intents", data)

def read(text):
    message = Message({TEXT: text})
    for part in (pinyin, meaning, classifier):
        part.process([message])
    return message

sound = read("户士来换要")
emoji = read("🙏")
same = Message({TEXT: "户士来换要"})
other = Message({TEXT: "护士来换药"})
pinyin.process([same, other])
row = lambda message: message.get_sparse_features(TEXT)[1].features.toarray().tolist()
store = EmbeddingStore(next(folder.glob("embeddings-*.npz")))
print(json.dumps({
    "tensorflow": "tensorflow.python" in sys.modules,
    "syllables": syllables("中山路 PICC 3天, 明镜"),
    "homophones": row(same) == row(other),
    "sound": sound.get("intent"),
    "ranking": sound.get("intent_ranking"),
    "emoji": emoji.get("intent")["name"],
    "softmax": softmax(np.array([1000.0, 999.0])).tolist(),
    "norm": float(np.linalg.norm(embed("明天送饭"))),
    "long": len(embed("饭" * 5000)),
    "kept": len(store._vectors),
    "kept_same": bool(np.allclose(store.get("明天送饭"), embed("明天送饭"))),
    "sequence": meaning.process([Message({TEXT: "好"})])[0].get_dense_features(TEXT)[0] is None,
}))
"""
        )
    )


def test_no_tensorflow_is_loaded(seen: dict[str, Any]) -> None:
    assert seen["tensorflow"] is False


def test_sounds_a_southern_ear_does_not_part_become_one(seen: dict[str, Any]) -> None:
    assert seen["syllables"] == ["zon", "san", "lu", "picc", "3", "tian", "min", "jin"]


def test_a_recognisers_homophones_give_the_same_features(seen: dict[str, Any]) -> None:
    assert seen["homophones"] is True
    assert seen["sound"]["name"] == "order_nursing"


def test_the_ranking_is_sorted_and_adds_up_to_one(seen: dict[str, Any]) -> None:
    confidences = [entry["confidence"] for entry in seen["ranking"]]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=1e-5)
    assert seen["ranking"][0] == seen["sound"]


def test_a_message_of_one_emoji_is_read_too(seen: dict[str, Any]) -> None:
    assert seen["emoji"] == "thanks"


def test_large_scores_do_not_overflow(seen: dict[str, Any]) -> None:
    assert seen["softmax"] == pytest.approx([0.7311, 0.2689], abs=1e-4)


def test_a_meaning_is_a_unit_vector_however_long_the_text(seen: dict[str, Any]) -> None:
    assert seen["norm"] == pytest.approx(1, abs=1e-4)
    assert seen["long"] == 384


def test_embeddings_are_kept_between_trainings(seen: dict[str, Any]) -> None:
    assert seen["kept"] == 7
    assert seen["kept_same"] is True


def test_only_the_sentence_is_featurised(seen: dict[str, Any]) -> None:
    assert seen["sequence"] is True


def test_what_is_left_out_fails_plainly_when_used() -> None:
    told = in_rasa(
        """
import tensorflow as tf
class Layer(tf.keras.layers.Layer):
    pass
try:
    Layer(3)
    told = "nothing"
except RuntimeError as error:
    told = str(error)
print(json.dumps(told))
"""
    )
    assert "lean.py leaves out" in told
