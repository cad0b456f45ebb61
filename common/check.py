"""The verb `check`: what the course does before training (course 1, 4.3; course 2, 1.13 and 3)."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from common import runtime
from common.errors import UserError
from common.evaluation.trained import by_split
from common.project import A, C, Project, S
from common.rooms import room
from common.runs import home
from common.settings import Settings
from common.training.learning import optimizer

BATCH = 16
MOST_LABELS = 4
"""Labels among them, where there are so many: of people, each picture then has others beside it."""
OVERFIT_STEPS = 300
SOME = 8
"""Examples that the gradient is compared on: two of each label where there are four."""
GRADIENT_STEP = 1e-6
GRADIENT_LIMIT = 1e-5
"""The lecture: below 1e-7 is great, above 1e-3 is wrong; kinks of ReLU need some room."""


def check(name: str, settings: Settings) -> None:
    """Print a line for each check. Raises UserError when one fails."""
    project = room(name)
    runtime.seed_everything(settings.runtime)
    found = project.examples(settings, home() / "cache")
    train = by_split(project, project.split(found.examples, settings), settings)["train"]
    assets = project.prepare(train, settings)
    failed = []
    each = BATCH // min(MOST_LABELS, max(2, train["label"].nunique()))
    few = train.sort_values("example_id").groupby("label", group_keys=False).head(each)
    few = few.iloc[np.argsort(pd.factorize(few["label"])[0], kind="stable")[:BATCH]]
    few = _in_turns(few)
    inputs, truth = next(iter(project.dataset(few, assets, settings, None)))[:2]
    for title, ok, text in _checks(project, settings, assets, inputs, truth):
        print(f"{'ok  ' if ok else 'FAIL'} {title}: {text}")
        failed += [] if ok else [title]
    if failed:
        raise UserError(f"{len(failed)} checks failed ({', '.join(failed)}): see the lines above")


def _in_turns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with labels taking turns: a, b, a, b; the first few hold several of them."""
    turn = rows.groupby("label").cumcount()
    ordered = rows.assign(turn=turn).sort_values(["turn", "label"], kind="stable")
    return ordered.drop(columns="turn").reset_index(drop=True)


def _checks(
    project: Project[S, A, C], settings: S, assets: A, inputs: Any, truth: Any
) -> Iterator[tuple[str, bool, str]]:
    model = project.build(assets, settings)
    outputs = model(inputs, training=False)
    same = outputs.shape[: len(truth.shape)] == truth.shape
    shapes = f"input {_shape(inputs)}, output {_shape(outputs)}, truth {_shape(truth)}"
    yield "shapes", same, f"{shapes}, {model.count_params():,} parameters"
    yield _initial_loss(project, settings, assets, model, inputs, truth)
    yield _gradient(project, settings, assets, inputs, truth)
    yield _overfit(model, settings, inputs, truth)
    yield _saved(model, inputs)


def _initial_loss(
    project: Project[S, A, C], settings: S, assets: A, model: keras.Model, inputs: Any, truth: Any
) -> tuple[str, bool, str]:
    loss = float(model.compute_loss(y=truth, y_pred=model(inputs, training=True)))
    penalty = float(sum(model.losses)) if model.losses else 0.0
    expected = project.initial_loss(assets, settings)
    ok = 0.5 * expected < loss - penalty < 3 * expected
    text = f"{loss - penalty:.3f}, a model that knows nothing has {expected:.3f}"
    return "initial loss", ok, text


def _gradient(
    project: Project[S, A, C], settings: S, assets: A, inputs: Any, truth: Any
) -> tuple[str, bool, str]:
    """Compare the gradient with two-sided differences, in float64, on some examples.

    A random direction per variable: |g - g'| / (|g| + |g'|), as in the lecture. Inference mode:
    dropout and batch statistics would change the loss between two evaluations.
    """
    _compute_in("float64")
    try:
        return _compared(project.build(assets, settings), inputs, truth)
    finally:
        _compute_in("float32")


def _compute_in(dtype: str) -> None:
    keras.config.set_floatx(dtype)  # losses and penalties
    keras.config.set_dtype_policy(dtype)  # layers


def _compared(model: keras.Model, inputs: Any, truth: Any) -> tuple[str, bool, str]:
    few, wanted = tf.nest.map_structure(_some_in_float64, (inputs, truth))
    variables = model.trainable_variables

    def loss() -> tf.Tensor:
        return tf.cast(model.compute_loss(y=wanted, y_pred=model(few, training=False)), tf.float64)

    with tf.GradientTape() as tape:
        value = loss()
    gradients = tape.gradient(value, variables)
    rng = np.random.default_rng(0)
    exact, approximate = [], []
    for variable, gradient in zip(variables, gradients, strict=True):
        direction = rng.standard_normal(variable.shape)
        direction /= np.linalg.norm(direction)
        start = np.asarray(variable)
        ends = []
        for sign in (1, -1):
            variable.assign(start + sign * GRADIENT_STEP * direction)
            ends.append(float(loss()))
        variable.assign(start)
        # an embedding's gradient comes as the rows that were looked up
        exact.append(float(np.sum(tf.convert_to_tensor(gradient).numpy() * direction)))
        approximate.append((ends[0] - ends[1]) / (2 * GRADIENT_STEP))
    a, b = np.array(exact), np.array(approximate)
    distance = np.linalg.norm(a - b) / max(float(np.linalg.norm(a) + np.linalg.norm(b)), 1e-12)
    text = f"relative distance {distance:.1e} to numerical differences over {len(a)} variables"
    return "gradient", bool(distance < GRADIENT_LIMIT), text


def _some_in_float64(batch: tf.Tensor) -> tf.Tensor:
    return tf.cast(batch[:SOME], tf.float64) if batch.dtype.is_floating else batch[:SOME]


def _overfit(model: keras.Model, settings: S, inputs: Any, truth: Any) -> tuple[str, bool, str]:
    """Train on one batch: a model that cannot learn 16 examples by heart has a bug.

    With the settings' own optimizer and rate; a model that only needs more steps is not failed.
    """
    model.compile(optimizer(settings.fit), loss=model.loss)

    def step() -> float:
        return float(model.train_on_batch(inputs, truth, return_dict=True)["loss"])

    first = step()
    loss, steps = first, 0
    while steps < OVERFIT_STEPS and loss > 0.1 * first:
        loss, steps = step(), steps + 1
    text = f"loss {first:.3f} -> {loss:.3f} in {steps} steps on {len(truth)} examples"
    return "one batch overfitted", loss < 0.5 * first, text


def _saved(model: keras.Model, inputs: Any) -> tuple[str, bool, str]:
    before = np.asarray(model(inputs, training=False))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        again = keras.saving.load_model(path, compile=False, safe_mode=True)
    gap = float(np.abs(before - np.asarray(again(inputs, training=False))).max())
    return "saved and loaded", gap < 1e-5, f"largest difference {gap:.1e}"


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shape(one)}" for name, one in value.items())
    return "(" + ", ".join(str(size) for size in value.shape) + ")"
