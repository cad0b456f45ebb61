import numpy as np
import pytest

from common.strategy import bootstrap as module
from common.strategy.bootstrap import bootstrap, of_sums
from common.strategy.clusters import Clusters, singles
from common.strategy.intervals import mean, wilson


def share(errors: np.ndarray) -> module.Statistic:
    statistics = np.column_stack([errors, np.ones(len(errors))])
    return of_sums(statistics, lambda sums: sums[:, 0] / sums[:, 1])


def test_agrees_with_the_closed_form_on_groups():
    rng = np.random.default_rng(0)
    groups = Clusters(np.repeat(np.arange(80), 5), np.full(400, -1), 80)
    errors = (rng.random(400) < np.repeat(rng.beta(2, 8, 80), 5)).astype(float)
    drawn, closed = bootstrap(share(errors), groups), mean(errors, None, groups)
    assert drawn.value == pytest.approx(closed.value)
    assert (drawn.low, drawn.high) == pytest.approx((closed.low, closed.high), abs=0.015)
    assert drawn.effective == pytest.approx(closed.effective, rel=0.15)


def test_is_the_same_in_blocks_of_any_size(monkeypatch):
    errors = (np.arange(60) % 7 == 0).astype(float)
    whole = bootstrap(share(errors), singles(60), draws=300)
    monkeypatch.setattr(module, "_CELLS", 60 * 17)
    assert bootstrap(share(errors), singles(60), draws=300) == whole


def test_the_seed_decides():
    errors = (np.arange(60) % 7 == 0).astype(float)
    first, again, other = (
        bootstrap(share(errors), singles(60), seed=seed, draws=200) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_pairs_weigh_the_product_of_both_draws():
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 20, 300), rng.integers(20, 40, 300)
    errors = (rng.random(300) < 0.3).astype(float)
    pairs = bootstrap(share(errors), Clusters(first, second, 40))
    units = bootstrap(share(errors), singles(300))
    assert pairs.high - pairs.low > units.high - units.low


def test_without_variation_the_groups_are_counted():
    found = bootstrap(share(np.zeros(30)), singles(30))
    assert (found.low, found.value) == (0.0, 0.0)
    assert found.high == pytest.approx(wilson(0, 30).high, abs=0.01)


def test_bca_covers_a_skewed_share():
    rng = np.random.default_rng(2)
    covered = []
    for seed in range(300):
        found = bootstrap(
            share((rng.random(150) < 0.1).astype(float)), singles(150), seed=seed, draws=500
        )
        covered.append(found.low <= 0.1 <= found.high)
    assert 0.91 <= np.mean(covered) <= 0.98
