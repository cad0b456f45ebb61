"""A plausible report, and the same in every shape the page must survive."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report.content import Card, Part, ReportContent
from common.report.parts import picture, table
from common.strategy.results import Action, ConstraintResult, Diagnosis, Estimate, Gap, Level


def estimate(value: float, low: float, high: float, n: int = 2_400) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, method="wilson")


HUMAN = Level(name="human", error=estimate(0.02, 0.009, 0.043, 300), note="people, 300 pictures")
TRAIN = Level(name="train", error=estimate(0.051, 0.043, 0.06), note="sampled, not augmented")
TRAIN_DEV = Level(name="train_dev", error=estimate(0.063, 0.054, 0.073))
DEV = Level(name="dev", error=estimate(0.12, 0.108, 0.134))


def diagnosis() -> Diagnosis:
    return Diagnosis(
        status="primary",
        verdict="The largest problem is data mismatch: 5.7 points of the error appear only on the "
        "target pictures (4.1 to 7.3). It leads in 99 % of draws.",
        problems=("data_mismatch",),
        levels=(HUMAN, TRAIN, TRAIN_DEV, DEV),
        gaps=(
            Gap(
                name="avoidable_bias",
                before="human",
                after="train",
                error=estimate(0.031, 0.007, 0.046),
                leads=0.01,
            ),
            Gap(
                name="variance",
                before="train",
                after="train_dev",
                error=estimate(0.012, -0.001, 0.025),
            ),
            Gap(
                name="data_mismatch",
                before="train_dev",
                after="dev",
                error=estimate(0.057, 0.041, 0.073),
                leads=0.99,
            ),
        ),
        actions=(
            Action(
                text="Make training look like the target: blurred, low-contrast phone pictures",
                evidence="blur is 2.4 times as common in dev as in train",
                ceiling=0.057,
                gap="data_mismatch",
            ),
            Action(
                text="Fit the training data better: it still learns",
                evidence="training loss fell 4 % in the last three epochs",
                ceiling=0.031,
                gap="avoidable_bias",
            ),
            Action(text="Tag the errors below", evidence="", ceiling=None),
        ),
        cells={
            ("human level", "general"): HUMAN.error,
            ("human level", "target"): None,
            ("trained on", "general"): TRAIN.error,
            ("trained on", "target"): None,
            ("not trained on", "general"): TRAIN_DEV.error,
            ("not trained on", "target"): DEV.error,
        },
    )


def scene(seed: int, size: int = 96) -> np.ndarray:
    """A few soft blobs: pixels (size, size, 3), uint8."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    pixels = np.ones((size, size, 3)) * random.uniform(0.6, 0.9, 3)
    for _ in range(5):
        centre_y, centre_x, width, height = random.uniform((0, 0, 0.1, 0.1), (1, 1, 0.4, 0.4))
        inside = ((x - centre_x) / width) ** 2 + ((y - centre_y) / height) ** 2 < 1
        pixels[inside] = random.uniform(0.2, 0.9, 3)
    return np.clip(255 * pixels + random.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)


def card(seed: int) -> Card:
    right = seed % 2
    return Card(
        media=picture(scene(seed), f"error {seed}", 160),
        answer=f"{'cat' if right else 'not cat'} {99 - seed % 45} %",
        truth=f"is {('dog', 'cat', 'fox')[seed % 3]}",
        detail="blurred, from a phone" if seed % 4 == 0 else "",
        example_id=f"photo-{seed:04d}",
    )


def history(epochs: int = 10) -> pd.DataFrame:
    epoch = np.arange(1, epochs + 1)
    return pd.DataFrame(
        {
            "epoch": epoch,
            "loss": 0.12 + 0.5 * np.exp(-epoch / 3),
            "val_loss": 0.31 + 0.3 * np.exp(-epoch / 2) + 0.004 * epoch,
            "error": 0.05 + 0.2 * np.exp(-epoch / 3),
            "val_error": 0.12 + 0.12 * np.exp(-epoch / 2),
            "learning_rate": 1e-3 * 0.5 * (1 + np.cos(np.pi * (epoch - 1) / epochs)) + 1e-5,
            "seconds": 15.0,
        }
    )


def confusion(names: tuple[str, ...] = ("cat", "not cat")) -> pd.DataFrame:
    random = np.random.default_rng(0)
    counts = random.poisson(4, (len(names), len(names))) + np.diag(random.poisson(90, len(names)))
    return pd.DataFrame(counts, index=names, columns=names)


def sample_content(**changes: object) -> ReportContent:
    """A full report of a binary classifier; `changes` replace fields."""
    fields: dict[str, object] = {
        "project": "cat_classifier",
        "run_name": "brisk-heron-41",
        "run_id": "3f2a91c07bd84e1c",
        "preset": "demo",
        "date": "21 Nov 2026",
        "summary": "Is there a cat in the picture?",
        "headline": DEV.error,
        "headline_name": "dev error",
        "error": DEV.error,
        "baseline": estimate(0.273, 0.256, 0.291),
        "baseline_name": "logistic regression on pixels",
        "notes": ("Early stopping watched a part of train held out for it.",),
        "constraints": (
            ConstraintResult(
                text="latency_p95_ms <= 20",
                status="pass",
                measured=estimate(8.1, 7.9, 8.4, 200),
            ),
            ConstraintResult(
                text="black_cat_misses <= 0.15",
                status="fail",
                measured=estimate(0.213, 0.156, 0.284, 155),
            ),
            ConstraintResult(
                text="false_alarms <= 0.1",
                status="unproven",
                measured=estimate(0.093, 0.079, 0.109),
                needed=1_300,
            ),
        ),
        "diagnosis": diagnosis(),
        "measures": {
            split: {
                "accuracy": estimate(1 - error, 0.99 - error, 1.01 - error),
                "balanced_accuracy": estimate(0.99 - error, 0.98 - error, error / 9 + 1 - error),
                "AUC": estimate(0.953, 0.944, 0.961),
                "latency_ms": estimate(8.1, 7.9, 8.4),
            }
            for split, error in (("train", 0.051), ("train_dev", 0.063), ("dev", 0.12))
        },
        "plain_measures": frozenset({"latency_ms"}),
        "history": history(),
        "confusion": confusion(),
        "errors": tuple(card(seed) for seed in range(100)),
        "error_count": 288,
        "confident_errors": tuple(card(seed) for seed in range(200, 206)),
        "right_doubtful": tuple(card(seed) for seed in range(300, 306)),
        "slices": pd.DataFrame(
            {
                "slice": ["contrast: low", "source = phone, blur: high", "cat: black"],
                "n": [640, 212, 155],
                "error": [0.184, 0.335, 0.213],
                "elsewhere": [0.097, 0.099, 0.114],
                "gain": [0.023, 0.021, 0.006],
            }
        ),
        "parts": (
            Part(
                "Nearest training pictures",
                Markup("<p>For the surest error, what it resembles.</p>")
                + table(pd.DataFrame({"picture": ["a", "b"], "distance": [0.12, 0.31]})),
            ),
        ),
        "exports": pd.DataFrame(
            {
                "format": ["model.keras", "SavedModel", "LiteRT"],
                "size_bytes": [1_600_000, 1_900_000, 52_000],
                "difference": [0.0, 3e-7, 2e-6],
                "takes": [
                    "float pictures, 96 x 96",
                    "uint8 of any size, or encoded bytes",
                    "float pictures, 96 x 96",
                ],
            }
        ),
        "audit_lines": (
            "3 near-duplicates were kept on one side of the split",
            "no exact duplicate across splits",
        ),
        "audit_counts": pd.DataFrame(
            {"cat": [3000, 800, 800], "not cat": [5000, 1600, 1600]},
            index=["train", "dev", "test"],
        ),
        "broken": pd.DataFrame({"content": ["a/b.jpg"], "reason": ["truncated after 4 kB"]}),
        "provenance": {
            "command": "mlflow run . -e cat_classifier -P preset=demo",
            "commit": "3f2a91c, clean",
            "data_fingerprint": "9b1e-44c0, embedded, seed 7",
            "versions": "tensorflow 2.21.0, keras 3.15.1, mlflow 3.17.2",
            "time": "192 s on 2 cores: data 9, fit 151, evaluate 14, export 11, report 3",
        },
    }
    return ReportContent(**(fields | changes))  # type: ignore[arg-type]


def sparse_content() -> ReportContent:
    """As little as a report can have: no human level, no train-dev, no error, no slice."""
    nothing = estimate(0.0, 0.0, 0.048, 77)
    empty = pd.DataFrame()
    return sample_content(
        summary="",
        headline=nothing,
        error=nothing,
        baseline=None,
        baseline_name="",
        notes=(),
        constraints=(),
        diagnosis=Diagnosis(
            status="unknown",
            verdict="Nothing is wrong on dev: measure on more data, or raise the goal.",
            problems=(),
            levels=(Level(name="train", error=nothing), Level(name="dev", error=nothing)),
            gaps=(
                Gap(
                    name="avoidable_bias",
                    before="human",
                    after="train",
                    error=None,
                    note="the human level is unknown",
                ),
                Gap(
                    name="variance",
                    before="train",
                    after="dev",
                    error=estimate(0.0, -0.048, 0.048, 77),
                    leads=0.5,
                ),
            ),
        ),
        measures={},
        history=history(1),
        confusion=None,
        errors=(),
        error_count=0,
        confident_errors=(),
        right_doubtful=(),
        slices=empty,
        parts=(),
        exports=empty,
        audit_lines=(),
        audit_counts=empty,
        broken=empty,
        provenance={},
    )


ANIMALS = (
    *("antelope", "badger", "bear", "bison", "cat", "chimpanzee", "cow", "coyote", "deer", "dog"),
    *("dolphin", "donkey", "elephant", "fox", "giraffe", "goat", "hedgehog", "hippopotamus"),
    *("horse", "hyena"),
)
