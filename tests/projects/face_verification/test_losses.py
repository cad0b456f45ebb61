"""Each loss against slow loops, and at the edges where losses become NaN."""

import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from projects.face_verification.losses import (
    arcface,
    pairings,
    siamese,
    squared_distances,
    triplet,
    widened,
)

MININGS = ("random", "semi_hard", "batch_hard")
PEOPLE = st.lists(st.integers(0, 4), min_size=1, max_size=12)


def units(number: int, width: int = 5, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((number, width))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def triplets(embeddings: np.ndarray, people: list[int], margin: float, mining: str) -> float:
    """The mean over triplets, found one by one."""
    d = np.square(embeddings[:, None] - embeddings[None]).sum(axis=2)
    found = []
    for a, person in enumerate(people):
        positives = [j for j, other in enumerate(people) if other == person and j != a]
        negatives = [d[a, j] for j, other in enumerate(people) if other != person]
        if not positives or not negatives:
            continue
        if mining == "batch_hard":
            found.append(max(0.0, max(d[a, p] for p in positives) - min(negatives) + margin))
            continue
        for p in positives:
            farther = [one for one in negatives if one > d[a, p]]
            negative = min(farther) if farther else max(negatives)
            found.append(max(0.0, d[a, p] - negative + margin))
    return mean(found)


@pytest.mark.parametrize("mining", ["semi_hard", "batch_hard"])
@given(people=PEOPLE, seed=st.integers(0, 99))
def test_mined_triplets_equal_those_found_one_by_one(
    mining: str, people: list[int], seed: int
) -> None:
    embeddings = units(len(people), seed=seed)
    loss = float(triplet(tf.constant(embeddings), tf.constant(people), 0.2, mining))
    assert loss == pytest.approx(triplets(embeddings, people, 0.2, mining), abs=1e-9)


@given(people=PEOPLE, seed=st.integers(0, 99))
def test_random_negatives_are_negatives_of_their_anchor(people: list[int], seed: int) -> None:
    embeddings = units(len(people), seed=seed)
    d = np.square(embeddings[:, None] - embeddings[None]).sum(axis=2)
    same, different = (np.asarray(one) for one in pairings(tf.constant(people)))
    loss = float(triplet(tf.constant(embeddings), tf.constant(people), 0.2, "random"))
    bounds: list[list[float]] = [[], []]
    for a, p in np.argwhere(same & different.any(axis=1, keepdims=True)):
        negatives = d[a][different[a]]
        bounds[0].append(max(0.0, d[a, p] - negatives.max() + 0.2))
        bounds[1].append(max(0.0, d[a, p] - negatives.min() + 0.2))
    assert mean(bounds[0]) - 1e-9 <= loss <= mean(bounds[1]) + 1e-9


def test_random_negatives_are_drawn_from_all_of_them() -> None:
    people = np.repeat(np.arange(8, dtype=np.int32), 8)
    embeddings = units(64)
    d = np.square(embeddings[:, None] - embeddings[None]).sum(axis=2)
    same, different = (np.asarray(one) for one in pairings(tf.constant(people)))
    every = [np.maximum(0, d[a, p] - d[a][different[a]] + 0.2).mean() for a, p in np.argwhere(same)]
    loss = float(triplet(tf.constant(embeddings), tf.constant(people), 0.2, "random"))
    assert loss == pytest.approx(mean(every), rel=0.1)


@given(people=PEOPLE, seed=st.integers(0, 99))
def test_both_kinds_of_pairs_weigh_half(people: list[int], seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(len(people), len(people)))
    kinds: dict[bool, list[float]] = {True: [], False: []}
    for i, one in enumerate(people):
        for j, other in enumerate(people):
            if i != j:
                sign = -1 if one == other else 1
                kinds[one == other].append(math.log1p(math.exp(sign * logits[i, j])))
    expected = (mean(kinds[True]) + mean(kinds[False])) / 2
    assert float(siamese(tf.constant(logits), tf.constant(people))) == pytest.approx(expected)


def angled(cosine: float, angle: float) -> float:
    return math.cos(math.acos(cosine) + angle)


@given(known=st.lists(st.integers(0, 2), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_arcface_of_known_people_is_the_paper_s(known: list[int], seed: int) -> None:
    embeddings, centres = units(len(known), 8, seed), 3 * units(3, 8, seed + 1)
    losses = []
    for vector, person in zip(embeddings, known, strict=True):
        cosines = [float(vector @ centre) / 3 for centre in centres]
        if math.acos(cosines[person]) + 0.3 > math.pi:
            continue
        cosines[person] = angled(cosines[person], 0.3)
        logits = np.exp(10 * np.array(cosines))
        losses.append(-math.log(logits[person] / logits.sum()))
    found = arcface(tf.constant(embeddings), tf.constant(known), tf.constant(centres), 0.3, 10.0)
    if len(losses) == len(known):
        assert float(found) == pytest.approx(mean(losses))


@given(people=st.lists(st.integers(3, 6), min_size=1, max_size=10), seed=st.integers(0, 99))
def test_unknown_people_are_told_from_those_of_their_batch(people: list[int], seed: int) -> None:
    embeddings, numbers = units(len(people), 16, seed), np.array(people)
    losses = []
    for i, person in enumerate(people):
        own = [j for j in np.flatnonzero(numbers == person) if j != i]
        others = [embeddings[numbers == one].sum(0) for one in set(people) - {person}]
        if not own or not others:
            continue
        mates = embeddings[own].sum(axis=0)
        cosine = float(embeddings[i] @ mates / np.linalg.norm(mates))
        logits = [angled(cosine, 0.1)] + [
            float(embeddings[i] @ one / np.linalg.norm(one)) for one in others
        ]
        logits = np.exp(10 * np.array(logits))
        losses.append(-math.log(logits[0] / logits.sum()))
    centres = tf.constant(units(3, 16))
    found = arcface(tf.constant(embeddings), tf.constant(people), centres, 0.1, 10.0)
    assert float(found) == pytest.approx(mean(losses), abs=1e-9)


def test_random_negatives_differ_with_the_people_of_the_batch_and_come_again_with_them() -> None:
    embeddings = tf.constant(units(12))
    batches = [[0, 0, 1, 1, 2, 2] * 2, [3, 3, 1, 1, 2, 2] * 2, [1, 1, 0, 0, 2, 2] * 2]
    found = [float(triplet(embeddings, tf.constant(one), 0.2, "random")) for one in batches]
    assert len(set(found)) == 3, "the same pairs, so only the ranks differ"
    again = triplet(embeddings, tf.constant(batches[0]), 0.2, "random")
    assert float(again) == found[0]


@given(angle=st.floats(0, 1.5))
def test_the_widened_angle_falls_without_a_jump_and_keeps_its_slopes(angle: float) -> None:
    cosines = tf.constant(np.cos(np.linspace(0, np.pi, 500)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        wider = widened(cosines, angle)
    values, slopes = np.asarray(wider), np.asarray(tape.gradient(wider, cosines))
    assert np.diff(values).max() < 1e-3
    assert np.abs(np.diff(values)).max() < 0.02
    assert np.isfinite(slopes).all()


def losses(embeddings: tf.Tensor, people: list[int]) -> list[tf.Tensor]:
    numbers = tf.constant(people)
    head = tf.reduce_sum(tf.abs(embeddings[:, None] - embeddings[None]), axis=2)
    known, unknown = tf.eye(4, 3), tf.zeros((0, 3))
    return [
        *(triplet(embeddings, numbers, 0.2, mining) for mining in MININGS),
        siamese(head, numbers),
        arcface(embeddings, numbers, known, 0.3, 64.0),
        arcface(embeddings, numbers, unknown, 0.3, 64.0),
    ]


@pytest.mark.parametrize("people", [[0], [0, 1], [0, 0], [0, 0, 0, 1], [0, 0, 1, 1]])
@pytest.mark.parametrize("apart", [False, True], ids=["at one point", "opposite"])
def test_no_batch_gives_nan_or_infinite_slopes(people: list[int], apart: bool) -> None:
    directions = np.zeros((len(people), 3), np.float32)
    directions[:, 0] = [-1 if apart and one % 2 else 1 for one in people]
    embeddings = tf.Variable(directions)
    with tf.GradientTape(persistent=True) as tape:
        values = losses(embeddings, people)
    for value in values:
        slope = tape.gradient(value, embeddings)
        assert np.isfinite(float(value))
        assert np.isfinite(0 if slope is None else np.asarray(slope)).all()


def test_a_batch_without_a_pair_of_the_kind_teaches_nothing() -> None:
    for people in ([0, 1, 2], [5, 5, 5]):
        embeddings = tf.constant(units(3, 3).astype(np.float32))
        numbers = tf.constant(people)
        assert [float(triplet(embeddings, numbers, 0.2, one)) for one in MININGS] == [0, 0, 0]
    strangers = tf.constant([7, 8, 9])
    assert (
        float(arcface(tf.constant(units(3, 3)), strangers, tf.eye(3, dtype="float64"), 0, 1)) == 0
    )


def test_distances_are_those_of_numpy() -> None:
    embeddings = units(6)
    expected = np.square(embeddings[:, None] - embeddings[None]).sum(axis=2)
    found = squared_distances(tf.constant(embeddings))
    np.testing.assert_allclose(found, expected, atol=1e-12)
