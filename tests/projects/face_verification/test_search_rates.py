"""Searches of a gallery: right where pictures are alike, by chance where they are not."""

import numpy as np
import pytest

from projects.face_verification.search_rates import search_table, searches
from tests.projects.face_verification.decided import directions

NAMES = [f"person-{who}" for who in range(60) for _ in range(8)]


def test_everybody_is_found_where_pictures_hardly_stray() -> None:
    names = [f"person-{who}" for who in range(150) for _ in range(5)]
    for found in searches(names, directions(names, 0.01), seed=0):
        assert found.rank_1.value == 1.0
        assert found.found[0].value == 1.0


def test_a_third_is_not_enrolled_and_nobody_probes_with_an_enrolled_photo() -> None:
    one, three = searches(NAMES, directions(NAMES, 0.5), seed=0)
    assert (one.photos, three.photos) == (1, 3)
    assert one.people == three.people == 40
    assert one.strangers == 20 * 8
    assert one.probes == 20 * 8 + 40 * 5


def test_more_photos_find_more() -> None:
    one, three = searches(NAMES, directions(NAMES, 0.9), seed=0)
    assert three.rank_1.value > one.rank_1.value
    assert three.found[0].value > one.found[0].value


def test_embeddings_that_know_nobody_find_by_chance() -> None:
    rng = np.random.default_rng(0)
    blind = rng.normal(size=(len(NAMES), 16))
    blind /= np.linalg.norm(blind, axis=1, keepdims=True)
    one, _ = searches(NAMES, blind.astype(np.float32), seed=0)
    assert one.rank_1.low <= 1 / 40 <= one.rank_1.high


def test_people_with_few_pictures_are_strangers() -> None:
    few = [f"seen once {at}" for at in range(30)]
    found = searches(NAMES + few, directions(NAMES + few, 0.5), seed=0)
    assert found[0].people == 40
    assert found[0].strangers == 20 * 8 + 30


def test_the_choice_does_not_depend_on_the_order_of_people() -> None:
    known = directions(NAMES, 0.5)
    again = np.argsort(np.arange(len(NAMES)) % 8, kind="stable")
    moved = searches([NAMES[at] for at in again], known[again], seed=0)
    assert moved[0].people == searches(NAMES, known, seed=0)[0].people


@pytest.mark.parametrize("names", [[], ["ada"] * 9, NAMES[:8] + ["bob"] * 3])
def test_too_few_people_give_nothing(names: list[str]) -> None:
    found = directions(names, 0.1) if names else np.zeros((0, 16), np.float32)
    assert searches(names, found, seed=0) == []


def test_the_table_says_sizes_chance_and_what_is_unknown() -> None:
    html = search_table(searches(NAMES, directions(NAMES, 0.5), seed=0))
    assert "gallery of 40 people" in html
    assert "2.5\u00a0%" in html
    assert ">unknown<" in html
    assert "300 are needed" in html
