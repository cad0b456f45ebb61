"""Sentences come back translated, in their order, whatever comes with them."""

import numpy as np
import pytest

from projects.machine_translation import translating
from projects.machine_translation.tokens import END
from projects.machine_translation.translating import Translation, translations
from tests.projects.machine_translation.networks import SEARCH, assets, network, sentences


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
