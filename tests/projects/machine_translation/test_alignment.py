"""Alignments: kept without loss, joined to words, drawn in any script."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from projects.machine_translation.alignment import (
    Alignment,
    by_source_words,
    by_words,
    figure,
    packed,
    shown,
    unpacked,
    width,
)
from projects.machine_translation.alignment_map import drawn, glossed
from projects.machine_translation.tokens import END, UNKNOWN, characters

PIECES = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=12).map(tuple)
HOSTILE = "<script>alert(1)</script>"


def _spread(source: tuple[str, ...], target: tuple[str, ...]) -> Alignment:
    rand = np.random.default_rng(len(source))
    weights = rand.dirichlet(np.ones(len(source)), len(target)).astype(np.float32)
    return Alignment(source, target, weights)


def _characters(text: str) -> tuple[str, ...]:
    return (*text.replace(" ", "▁"), "⏎")


@given(PIECES, PIECES)
def test_what_is_packed_comes_back(source: tuple[str, ...], target: tuple[str, ...]) -> None:
    kept = _spread(source, target)
    found = unpacked(packed(kept))
    assert (found.source, found.target) == (source, target)
    np.testing.assert_allclose(found.weights, kept.weights, atol=0.5 / 255 + 1e-6)


@given(PIECES, PIECES)
def test_joining_keeps_all_pieces_and_all_attention(
    source: tuple[str, ...], target: tuple[str, ...]
) -> None:
    found = by_words(_spread(source, target))
    assert found.weights.shape == (len(found.target), len(found.source))
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)
    words = "".join(found.source).replace(" ", "").replace("▁", "")
    assert words == "".join("".join(source).replace("▁", " ").split(" "))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jeudi  3  mai 1979", ["jeudi", "3", "mai", "1979", "⏎"]),
        ("Thu,3rd May.79", ["Thu", ",", "3", "rd", "May", ".", "79", "⏎"]),
        ("2009年5月3日", ["2009", "年", "5", "月", "3", "日", "⏎"]),
        ("", ["⏎"]),
    ],
)
def test_characters_are_joined_to_words(text: str, words: list[str]) -> None:
    assert list(by_source_words(_spread(_characters(text), ("1",))).source) == words


def test_subwords_are_joined_to_words() -> None:
    pieces = ("▁Ein", "▁Mann", "▁schlä", "ft", ".", "⏎")
    found = by_words(_spread(pieces, ("▁A", "▁man", "▁sleep", "s", ".", "⏎")))
    assert found.source == ("Ein", "Mann", "schläft", ".", "⏎")
    assert found.target == ("A", "man", "sleeps", ".", "⏎")


def test_specials_have_short_names() -> None:
    assert shown(characters(["ab"], False), [4, UNKNOWN, 5, END]) == ("a", "\ufffd", "b", "⏎")


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("e\u0301", 1), ("日本", 4), ("", 0)])
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (_characters("21th of August 2016"), _characters("2016-08-21")),
        (_characters("2009年5月3日 พ.ศ. ٣ $x_1$"), _characters("2009-05-03")),
        (("▁Donaudampfschifffahrt", "sgesellschaft", "⏎"), ("▁company", "⏎")),
        (("⏎",), ("⏎",)),
    ],
)
def test_the_picture_holds_every_piece(source: tuple[str, ...], target: tuple[str, ...]) -> None:
    kept = _spread(source, target)
    buffer = io.BytesIO()
    figure(source, target, kept.weights).savefig(buffer, format="png")
    with Image.open(buffer) as picture:
        assert picture.size[0] > 25 * len(source)
        assert picture.size[1] > 25 * len(target)


@pytest.mark.parametrize("turned", [False, True])
def test_the_map_is_small_well_formed_and_escaped(turned: bool) -> None:
    kept = _spread((HOSTILE, '"', "&", "⏎"), ("1", "⏎"))
    found = drawn(kept, f'"{HOSTILE}"', turned=turned, wrong=[0])
    assert "<script" not in found
    root = ElementTree.fromstring(found)
    names = [element.text for element in root.iter("text")]
    assert len(names) == 6
    assert '"' in names
    strong = [one.text for one in root.iter("text") if "700" in one.get("style", "")]
    assert strong == ["1"]


def test_a_long_date_fits_a_phone() -> None:
    kept = _spread(_characters("x" * 38), _characters("1979-05-03"))
    root = ElementTree.fromstring(drawn(kept, "label"))
    box = next(root.iter("svg")).get("viewBox", "").split()
    assert float(box[2]) < 370
    assert len(drawn(kept, "label")) < 9_000


def test_strong_attention_is_drawn_stronger_and_none_is_left_out() -> None:
    weights = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]], np.float32)
    root = ElementTree.fromstring(drawn(Alignment(("a", "b", "c"), ("1", "2"), weights), "label"))
    paths = {path.get("style"): path.get("d") for path in root.iter("path")}
    assert paths == {
        "fill-opacity:0.5": "M1 1h1v1h-1zM2 1h1v1h-1z",
        "fill-opacity:1.0": "M0 0h1v1h-1z",
    }


def test_glosses_name_the_word_looked_at_most() -> None:
    weights = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], np.float32)
    found = glossed(Alignment(("Ein", HOSTILE), ("a", "man", "⏎"), weights))
    assert found.count("<ruby") == 2
    assert "<script" not in found
    assert found.index(">a<rt") < found.index("Ein</rt>") < found.index(">man<rt")
