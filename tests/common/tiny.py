"""A project of four numbers per example: as small as a record can be, trained in a second."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from markupsafe import Markup

from common.data.order import stream
from common.data.splits import by_group
from common.project import Found, Project
from common.report.content import Card
from common.settings import Data, Fit, Group, Settings
from common.strategy.metrics import error
from common.training.fit import FitJob
from common.training.learning import initializer, optimizer

FEATURES = ["f0", "f1", "f2", "f3"]


class Assets(Group):
    """Nothing is learned besides the weights but what train looks like."""

    train_rows: int


class Fitted(Group):
    """The threshold on the logit."""

    threshold: float = 0.0


def examples(number: int = 96, seed: int = 0) -> pd.DataFrame:
    """An examples table: "yes" where noisy features sum to more than 0; two rows to a group."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(number, len(FEATURES)))
    yes = values.sum(axis=1) + random.normal(size=number) > 0
    return pd.DataFrame(values, columns=FEATURES).assign(
        example_id=[f"e{i:03}" for i in range(number)],
        group=[f"g{i // 2:03}" for i in range(number)],
        label=np.where(yes, "yes", "no"),
        content=[f"drawn:{i}" for i in range(number)],
        distribution="general",
        split="",
    )


def dataset(
    rows: pd.DataFrame, assets: Assets, settings: Settings, start: int | None
) -> tf.data.Dataset:
    values = rows[FEATURES].to_numpy(np.float32)
    truth = (rows["label"] == "yes").to_numpy(np.float32)[:, None]
    if start is None:
        return tf.data.Dataset.from_tensor_slices((values, truth)).batch(32)
    fit = settings.fit
    order = stream(len(rows), fit.batch_size, settings.runtime.seed, start)
    return order.map(lambda index, position: (tf.gather(values, index), tf.gather(truth, index)))


def build(assets: Assets, settings: Settings) -> keras.Model:
    fit, seed = settings.fit, settings.runtime.seed
    layers = [
        keras.Input((len(FEATURES),)),
        keras.layers.Dense(8, kernel_initializer=initializer(fit, seed)),
        *([keras.layers.BatchNormalization()] if fit.batch_norm else []),
        keras.layers.ReLU(),
        *([keras.layers.Dropout(fit.dropout, seed=seed)] if fit.dropout else []),
        keras.layers.Dense(1, kernel_initializer=initializer(fit, seed + 1)),
    ]
    model = keras.Sequential(layers)
    model.compile(optimizer(fit), keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def score(model: Any, units: pd.DataFrame, assets: Assets, settings: Settings) -> pd.DataFrame:
    logits = np.asarray(model.predict(dataset(units, assets, settings, None), verbose=0))
    return pd.DataFrame({"example_id": units["example_id"].to_numpy(), "logit": logits[:, 0]})


def calibrate(
    scores: pd.DataFrame, units: pd.DataFrame, assets: Assets, settings: Settings
) -> Fitted:
    return Fitted(threshold=float(scores["logit"].median()))


def decide(
    scores: pd.DataFrame, units: pd.DataFrame, assets: Assets, fitted: Fitted
) -> pd.DataFrame:
    table = units.reset_index(drop=True).rename(columns={"label": "truth"})
    logit = scores["logit"].to_numpy()
    table["prediction"] = np.where(logit > fitted.threshold, "yes", "no")
    table["score"] = 1 / (1 + np.exp(-np.abs(logit)))
    table["error"] = (table["prediction"] != table["truth"]).astype(float)
    return table


def baseline(units: Any, assets: Assets, settings: Settings) -> pd.DataFrame:
    dev = units["dev"].reset_index(drop=True).rename(columns={"label": "truth"})
    return dev.assign(prediction="yes", error=(dev["truth"] != "yes").astype(float))


PROJECT: Project[Settings, Assets, Fitted] = Project(
    name="tiny",
    summary="is the sum of four numbers positive?",
    settings=Settings,
    assets=Assets,
    calibration=Fitted,
    examples=lambda settings, cache: Found(examples(), pd.DataFrame(columns=["content", "reason"])),
    split=lambda rows, settings: by_group(rows, settings.data),
    prepare=lambda train, settings: Assets(train_rows=len(train)),
    dataset=dataset,
    build=build,
    initial_loss=lambda assets, settings: float(np.log(2)),
    score=score,
    calibrate=calibrate,
    decide=decide,
    baseline=baseline,
    baseline_name="always yes",
    metrics=lambda assets, settings: (error,),
    card=lambda row, settings: Card(
        media=Markup(), answer=f"says {row['prediction']}", truth=f"is {row['truth']}"
    ),
    formats=(),
)

DEMANDING = Settings(
    data=Data(dev_share=0.25, test_share=0.1),
    fit=Fit(
        epochs=8,
        batch_size=16,
        learning_rate=0.05,
        dropout=0.3,
        decay="plateau",
        warmup_epochs=1.5,
        patience=3,
    ),
)
"""Everything in training that has a state: dropout, batch norm, Adam, plateau, early stopping."""


def job(folder: Path, settings: Settings = DEMANDING, **other: Any) -> FitJob[Settings, Assets]:
    """A training of this project with its backup in `folder`."""
    rows = examples()
    given: dict[str, Any] = {
        "project": PROJECT,
        "settings": settings,
        "assets": Assets(train_rows=64),
        "train": rows[:64].reset_index(drop=True),
        "watch": rows[64:].reset_index(drop=True),
        "epochs": settings.fit.epochs,
        "patience": settings.fit.patience,
        "backup": folder / "backup.npz",
        "on_epoch": lambda rows: None,
    }
    return FitJob(**{**given, **other})
