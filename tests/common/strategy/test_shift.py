import numpy as np
import pandas as pd

from common.strategy.shift import attribute_shift


def table(**attributes: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    train = {f"attr.{name}": values[0] for name, values in attributes.items()}
    dev = {f"attr.{name}": values[1] for name, values in attributes.items()}
    return pd.concat(
        [pd.DataFrame(train).assign(split="train"), pd.DataFrame(dev).assign(split="dev")],
        ignore_index=True,
    )


def test_the_two_largest_differences_are_named():
    rng = np.random.default_rng(0)
    found = attribute_shift(
        table(
            noise=(rng.normal(0, 1, 500), rng.normal(0.02, 1, 500)),
            blur=(rng.normal(1, 1, 500), rng.normal(3, 1, 500)),
            source=(np.array(["web"] * 450 + ["phone"] * 50), np.array(["phone"] * 500)),
            light=(rng.normal(0, 1, 500), rng.normal(0.4, 1, 500)),
        )
    )
    first, second = found.split("; ")
    assert first == "source is phone in 100 % of dev and 10 % of train"
    assert second == "blur averages 2.93 in dev and 1.05 in train"


def test_equal_sets_have_nothing_to_say():
    values = np.arange(100.0)
    assert attribute_shift(table(blur=(values, values))) == ""


def test_constants_and_missing_values_are_survived():
    none = np.full(50, np.nan)
    assert attribute_shift(table(a=(none, none), b=(np.ones(50), np.ones(50)))) == ""
    found = attribute_shift(table(b=(np.ones(50), np.zeros(50))))
    assert "of dev and" in found


def test_no_attributes_no_sentence():
    assert attribute_shift(pd.DataFrame({"split": ["train", "dev"]})) == ""
