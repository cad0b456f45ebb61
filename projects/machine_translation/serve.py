"""What leaves the house: Keras's file, a SavedModel with its search, an MLflow model of sentences.

With characters the SavedModel takes and gives strings; with subwords, whose tokenizer is no part of
TensorFlow, ids, and the MLflow model has the tokenizer.
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from common.export.formats import Format, keras_file, load_saved_model
from common.export.mlflow_model import load_model, save_model
from common.files import write_json
from common.project import NoCalibration
from projects.machine_translation.data import Assets, encoded
from projects.machine_translation.evaluate import score
from projects.machine_translation.served import Pieces, Sentences
from projects.machine_translation.settings import Settings
from projects.machine_translation.tokens import RULES, UNKNOWN
from projects.machine_translation.translating import in_batches, translations

if TYPE_CHECKING:
    Table = pd.DataFrame

SUBWORDS = Path(__file__).with_name("served_subwords.py")


def write_saved_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: NoCalibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the SavedModel with the signature `sentence` or `pieces`, named like its input."""
    if _are_characters(assets):
        served: Pieces = Sentences(model, assets, settings.search)
        takes = tf.TensorSpec([None], tf.string, "sentence")
    else:
        served = Pieces(model, assets, settings.search)
        takes = tf.TensorSpec([None, None], tf.int32, "pieces")
    signature = tf.function(getattr(served, takes.name), input_signature=[takes])
    signatures = {"serving_default": signature, takes.name: signature}
    tf.saved_model.save(served, str(path), signatures=signatures)


def score_saved_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return scores and translations of the units' sentences, batched as for the model itself."""
    sentences = units["source"].tolist()
    scores, texts = np.zeros(len(units)), np.full(len(units), "", dtype=object)
    for batch in in_batches(sentences, assets.source):
        some = [sentences[i] for i in batch]
        if _are_characters(assets):
            found = loaded.signatures["sentence"](sentence=tf.constant(some))
            texts[batch] = [text.decode() for text in found["translation"].numpy()]
        else:
            ids = encoded(some, assets.source, assets.source_length)
            found = loaded.signatures["pieces"](pieces=tf.constant(ids))
            texts[batch] = [assets.target.text(one) for one in found["translation"].numpy()]
        scores[batch] = found["score"].numpy()
    return _scored(units, scores, texts)


def write_mlflow_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: NoCalibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the MLflow model: a column `sentence` in; translation, score and warnings out."""
    sentence = str(units["source"].iloc[0])
    (found,) = translations(model, [sentence], assets, settings.search)
    answer = {
        "score": found.scores[0],
        "translation": found.texts[0],
        "truncated": found.truncated,
        "unseen": assets.source.ids(sentence)[: assets.source_length - 1].count(UNKNOWN),
    }
    write = partial(
        save_model,
        path.parent / "saved_model",
        path,
        example=pd.DataFrame({"sentence": [sentence]}),
        answers=pd.DataFrame([answer]),
        takes="a text",
    )
    if _are_characters(assets):
        write()
        return
    told = {
        "source": assets.source.model,
        "target": assets.target.model,
        "lowercase": assets.source.lowercase,
        "source_length": assets.source_length,
        "rules": RULES,
    }
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder) / "tokens.json"
        write_json(tokens, told)
        write(code=SUBWORDS, artifacts={"tokens": tokens}, packages=["sentencepiece"])


def score_mlflow_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return scores and translations of the units' sentences as a table."""
    found = loaded.predict(pd.DataFrame({"sentence": units["source"].tolist()}))
    return _scored(units, found["score"].to_numpy(), found["translation"].to_numpy())


def _scored(units: "Table", scores: Any, texts: Any) -> "Table":
    return pd.DataFrame(
        {
            "example_id": units["example_id"].to_numpy(),
            "score": np.asarray(scores, dtype=np.float64),
            "prediction": texts,
        }
    )


def _are_characters(assets: Assets) -> bool:
    return assets.source.kind == "characters"


FORMATS: tuple[Format[Settings, Assets, NoCalibration], ...] = (
    keras_file("pieces of source and target, int32", score),
    Format(
        name="saved_model",
        takes="sentences (characters), or ids of their pieces (subwords)",
        write=write_saved_model,
        load=load_saved_model,
        score=score_saved_model,
        served=True,
    ),
    Format(
        name="mlflow_model",
        takes="a table with sentences",
        write=write_mlflow_model,
        load=load_model,
        score=score_mlflow_model,
    ),
)
