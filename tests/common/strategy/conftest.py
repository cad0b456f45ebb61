from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")

Made = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def made() -> Made:
    """made(n=1000, train=0.08, dev=0.10): a predictions table with these shares of errors."""

    def table(*, n: int = 1000, **shares: float) -> pd.DataFrame:
        parts = [
            pd.DataFrame(
                {
                    "example_id": [f"{split}-{i}" for i in range(n)],
                    "split": split,
                    "error": (np.arange(n) < round(share * n)).astype(float),
                }
            )
            for split, share in shares.items()
        ]
        return pd.concat(parts, ignore_index=True)

    return table


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The full coverage tables run on request only."""
    if "slow" in config.getoption("markexpr"):
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="minutes of simulation; run with -m slow"))
