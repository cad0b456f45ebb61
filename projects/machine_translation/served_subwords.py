"""Code of the MLflow model of subwords: sentences in, translations out; needs no other file.

The SavedModel beside it takes and gives ids; `tokens.json` holds both sentencepiece models and what
is done to a text before them.
"""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sentencepiece
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

PAD, UNKNOWN, END = 0, 1, 3
BATCH = 64
"""Sentences that are translated together."""


class Subwords(PythonModel):
    """Encodes sentences, searches with the SavedModel, and decodes what it finds."""

    def load_context(self, context: Any) -> None:
        """Load the SavedModel, which must be kept, or its variables are deleted; and the tokens."""
        self.loaded = tf.saved_model.load(context.artifacts["saved_model"])
        self.told = json.loads(Path(context.artifacts["tokens"]).read_text(encoding="utf-8"))
        self.source, self.target = (
            sentencepiece.SentencePieceProcessor(model_proto=base64.b64decode(self.told[side]))
            for side in ("source", "target")
        )

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return score, translation, truncated and unseen for each sentence.

        `truncated`: was the source cut? `unseen`: how many of its pieces train did not have.

        Raises MlflowException (status 400) naming the row that is no text.
        """
        column = model_input.columns[0]
        sentences = list(model_input[column])
        for row, one in enumerate(sentences):
            if not isinstance(one, str):
                raise MlflowException.invalid_parameter_value(
                    f"row {row}: {column} is {one!r}; send a text"
                )
        ids = [self.source.encode(self.clean(one)) for one in sentences]
        order = sorted(range(len(ids)), key=lambda i: (len(ids[i]), sentences[i]))
        longest = self.told["source_length"] - 1
        answers: dict[int, tuple[float, str, bool, int]] = {}
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            found = self.loaded.signatures["pieces"](pieces=self.padded([ids[i] for i in batch]))
            scores, translations = found["score"].numpy(), found["translation"].numpy()
            for i, score, pieces in zip(batch, scores, translations, strict=True):
                said = self.target.decode(pieces[~np.isin(pieces, (PAD, END))].tolist())
                unseen = ids[i][:longest].count(UNKNOWN)
                answers[i] = (float(score), said, len(ids[i]) > longest, unseen)
        rows = [answers[i] for i in range(len(ids))]
        return pd.DataFrame(rows, columns=["score", "translation", "truncated", "unseen"])

    def clean(self, text: str) -> str:
        """Return the text as the subwords were learned from it."""
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        for pattern, replacement in self.told["rules"]:
            text = re.sub(pattern, replacement, text)
        if not self.told["lowercase"]:
            return text
        return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)

    def padded(self, ids: list[list[int]]) -> tf.Tensor:
        """Return (sentences, longest) ids, END after each, PAD after that; too long ones cut."""
        cut = [[*one[: self.told["source_length"] - 1], END] for one in ids]
        width = max(map(len, cut))
        return tf.constant([one + [PAD] * (width - len(one)) for one in cut], tf.int32)


if __name__ != "projects.machine_translation.served_subwords":  # MLflow's name for it is another
    set_model(Subwords())
