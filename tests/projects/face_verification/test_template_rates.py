"""Thresholds of templates hold on new people; that of single photos does not."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from projects.face_verification import template_rates as module
from projects.face_verification.against_templates import apart, unit
from projects.face_verification.template_rates import template_rates

LIMIT = 0.02
Photos = NDArray[np.float32]


def population(people: int, photos: int, seed: int) -> Photos:
    """Unit vectors (people, photos, 40): identities in few dimensions, photos stray in all."""
    rng = np.random.default_rng(seed)
    identity = np.zeros((people, 1, 40))
    identity[..., :6] = rng.normal(size=(people, 1, 6))
    found = identity + 0.35 * rng.normal(size=(people, photos, 40))
    return (found / np.linalg.norm(found, axis=2, keepdims=True)).astype(np.float32)


def measured(photos: Photos, limit: float = LIMIT, seed: int = 0) -> Any:
    names = np.repeat([f"p{i:04}" for i in range(len(photos))], photos.shape[1])
    return template_rates(names.tolist(), photos.reshape(len(names), -1), limit, seed)


def rates(photos: Photos, number: int, threshold: float) -> tuple[float, float]:
    """The false-match and false non-match rate of a photo against templates of some others."""
    given = photos.astype(float)
    far = apart(given[:, -1], unit(given[:, :number].sum(axis=1)))
    same = np.eye(len(photos), dtype=bool)
    return float((far[~same] <= threshold).mean()), float((far[same] > threshold).mean())


def test_the_rates_hold_on_new_people_and_those_of_single_photos_do_not() -> None:
    new = population(1500, 8, seed=99)
    inside = []
    for seed in range(6):
        dev = population(120, 8, seed)
        same = np.eye(120, dtype=bool)
        far = apart(dev[:, 0].astype(float), dev[:, 1].astype(float))[~same]
        single = float(np.quantile(far, LIMIT))
        found = measured(dev)
        assert [one.photos for one in found] == [2, 3, 4, 6]
        for one in found:
            of_new = rates(new, one.photos, one.threshold)
            said = (one.false_match, one.false_non_match)
            inside.append([x.low <= rate <= x.high for x, rate in zip(said, of_new, strict=True)])
            assert of_new[0] == pytest.approx(LIMIT, abs=0.01)
            if one.photos > 2:
                assert rates(new, one.photos, single)[0] > 1.25 * LIMIT
                assert rates(new, one.photos, single)[0] > one.false_match.high
        assert [one.threshold for one in found] == sorted(
            (o.threshold for o in found), reverse=True
        )
    assert (np.mean(inside, axis=0) >= 0.8).all()


def test_a_photo_is_in_no_template_that_it_is_compared_with() -> None:
    """Photos that have nothing in common but themselves would match the templates they are in."""
    rng = np.random.default_rng(0)
    blind = rng.normal(size=(60, 4, 30))
    blind /= np.linalg.norm(blind, axis=2, keepdims=True)
    for one in measured(blind.astype(np.float32), 0.1):
        assert one.false_non_match.value == pytest.approx(0.9, abs=0.08)


def test_every_pair_of_people_counts_once_however_many_photos_they_have() -> None:
    one = population(80, 9, seed=1)
    few = [photos if at % 2 else photos[:3] for at, photos in enumerate(one)]
    names = [f"p{at:04}" for at, photos in enumerate(few) for _ in photos]
    found = template_rates(names, np.concatenate(few), 0.05, 0)
    assert [(each.photos, each.people) for each in found] == [(2, 80), (3, 80), (4, 40), (6, 40)]
    for each in found:
        assert each.false_match.value == pytest.approx(0.05, abs=0.012)
        assert each.false_match.n <= 80 * 79


def test_too_few_people_or_photos_have_no_rates() -> None:
    assert measured(population(9, 8, seed=0), 0.1) == []
    assert measured(population(100, 2, seed=0), 0.1) == []
    assert measured(population(12, 8, seed=0), 0.001) == [], "their pairs do not support the limit"


def test_of_many_people_some_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 50)
    monkeypatch.setattr(module, "CELLS", 1)
    found = measured(population(70, 5, seed=0), 0.05)
    assert {one.people for one in found} == {50}
    assert found[0].false_match.n == 50 * 49
