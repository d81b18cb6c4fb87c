"""What each part is worth: the project without it, trained anew."""

from __future__ import annotations

from collections.abc import Callable

from ops.bench.nlu.projects import Pipeline, Recipe

DIET_EPOCHS = 3
"""Modest: each takes minutes on two cores. After four it knew 97 % of the training lines."""
SEED = 20

AS_IT_IS = Recipe("all parts")


def _without(name: str) -> Callable[[Pipeline], Pipeline]:
    def change(components: Pipeline) -> Pipeline:
        kept = [one for one in components if not one["name"].endswith(name)]
        if len(kept) == len(components):
            raise ValueError(f"the pipeline has no {name}")
        return kept

    return change


def _muted_embeddings(components: Pipeline) -> Pipeline:
    """Embeddings of length nought. Our classifier wants both counts and embeddings, so they are
    silenced rather than taken out, which comes to the same."""
    if not any("scale" in one for one in components):
        raise ValueError("no component of the pipeline has a scale")
    return [{**one, "scale": 0.0} if "scale" in one else one for one in components]


def _as_it_came(components: Pipeline) -> Pipeline:
    """Embeddings of e5 without our own layers."""
    if not any("scale" in one for one in components):
        raise ValueError("no component of the pipeline has a scale")
    return [{**one, "taught": False} if "scale" in one else one for one in components]


def _diet(components: Pipeline) -> Pipeline:
    """DIET in the classifier's place. It reads tokens, so the counts of words and characters become
    Rasa's own, which have a row for each."""
    changed: Pipeline = []
    for one in components[:-1]:
        if one["name"].endswith("SentenceCountsFeaturizer"):
            one = {key: value for key, value in one.items() if key != "weight"}
            one["name"] = "CountVectorsFeaturizer"
        changed.append(one)
    diet = {
        "name": "DIETClassifier",
        "epochs": DIET_EPOCHS,
        "entity_recognition": False,
        "constrain_similarities": True,
        "random_seed": SEED,
    }
    return [*changed, diet]


RECIPES = (
    Recipe("without pinyin", _without("PinyinFeaturizer")),
    Recipe("without embeddings", _muted_embeddings),
    Recipe("embeddings of e5 as it came", _as_it_came),
    Recipe("without noised sentences", constants={"HEARD_SHARE": 0.0}),
    Recipe(f"DIET instead of our classifier ({DIET_EPOCHS} epochs)", _diet, plain=True),
)
