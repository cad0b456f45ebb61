"""Sentences come back translated, in their order, whatever comes with them."""

from typing import Any

import numpy as np
import pytest

from projects.machine_translation import translating
from projects.machine_translation.data import Assets
from projects.machine_translation.model import Translator, build
from projects.machine_translation.settings import Model, Search, Settings
from projects.machine_translation.tokens import END, characters, subwords
from projects.machine_translation.translating import Translation, translations

WORDS = ("mai", "juin", "3", "1979", "le", "jeudi", "12", "août")
SEARCH = Search(beam=3, n_best=2)


def sentences(number: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(1, 6))) for _ in range(number)]


def assets(kind: str = "characters") -> Assets:
    texts = sentences(200)
    make: Any = characters if kind == "characters" else lambda t, lower: subwords(t, 60, lower)
    return Assets(
        source=make(texts, False),
        target=make(["1979-05-03", "2001-12-31", "4-6-7-8"] * 40, False),
        source_length=20,
        target_length=8,
        frequent=(),
        common_target="",
    )


def network(learned: Assets, name: str = "bahdanau") -> Translator:
    """Untrained, but with an opinion."""
    chosen = Model(name=name, width=12, embedding=8, layers=1)  # type: ignore[arg-type]
    model = build(learned, Settings(model=chosen))
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.4 * rng.standard_normal(w.shape) for w in model.get_weights()])
    return model


def same(found: Translation, expected: Translation) -> None:
    assert found.texts == expected.texts
    assert (found.ids, found.truncated) == (expected.ids, expected.truncated)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5)
    np.testing.assert_allclose(found.attention, expected.attention, atol=1e-5)


@pytest.mark.parametrize("kind", ["characters", "subwords"])
def test_each_sentence_is_answered_alike_in_any_company_and_order(kind: str) -> None:
    learned = assets(kind)
    model, texts = network(learned), sentences(70)
    told: list[int] = []
    found = translations(model, texts, learned, SEARCH, told.append)
    assert told == [64, 70]
    turned = translations(model, texts[::-1], learned, SEARCH)
    for one, other in zip(found, turned[::-1], strict=True):
        same(one, other)
    for number in (0, 33, 69):
        same(translations(model, [texts[number]], learned, SEARCH)[0], found[number])


@pytest.mark.parametrize("name", ["no_attention", "luong", "transformer"])
def test_a_translation_is_complete_and_its_parts_agree(name: str) -> None:
    learned = assets()
    for text, found in zip(
        sentences(9),
        translations(network(learned, name), sentences(9), learned, SEARCH),
        strict=True,
    ):
        assert len(found.texts) == len(found.scores) == 2
        assert found.scores[0] >= found.scores[1]
        assert learned.target.text(found.ids) == found.texts[0]
        assert END not in found.ids[:-1]
        assert found.ids[-1] == END or len(found.ids) == learned.target_length
        assert found.truncated == (len(text) + 1 > learned.source_length)
        assert found.attention.shape == (len(found.ids), min(len(text) + 1, 20))
        total = 0 if name == "no_attention" else 1
        np.testing.assert_allclose(found.attention.sum(axis=1), total, atol=1e-5)


def test_what_is_cut_is_told_and_reads_like_what_is_left() -> None:
    learned = assets()
    model = network(learned)
    long, cut = "le jeudi 12 mai 1979 le jeudi", "le jeudi 12 mai 197"
    found, left = translations(model, [long, cut], learned, SEARCH)
    assert (found.truncated, left.truncated) == (True, False)
    same(found._replace(truncated=False), left)


@pytest.mark.parametrize("text", ["", "漢字🙂", "\x00\x07\n", "a" * 10_000, "\ud800"])
def test_any_text_is_answered(text: str) -> None:
    learned = assets()
    (found,) = translations(network(learned), [text], learned, SEARCH)
    assert np.isfinite(found.scores).all()
    assert found.truncated == (len(text) > 100)


def test_no_sentences_have_no_translations() -> None:
    learned = assets()
    assert translations(network(learned), [], learned, SEARCH) == []


def test_one_graph_serves_all_shapes() -> None:
    learned = assets()
    model = network(learned)
    find = translating._finder(model, SEARCH, learned.target_length)
    for number in (1, 5, 9):
        translations(model, sentences(number, seed=number), learned, SEARCH)
    assert translating._finder(model, SEARCH, learned.target_length) is find
    assert find.experimental_get_tracing_count() == 1
