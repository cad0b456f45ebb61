"""Text and ids: there and back, and the same in a TensorFlow graph as in Python."""

from typing import Any

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import UserError
from projects.machine_translation.tokens import (
    BEGIN,
    END,
    PAD,
    REPLACEMENT,
    RULES,
    UNKNOWN,
    Tokens,
    characters,
    normalised,
    subwords,
)

TEXTS = [
    "Zwei junge weiße Männer sind im Freien.",
    "Ein kleines Mädchen klettert in ein Spielhaus aus Holz.",
    "Ein Mann in einem blauen Hemd steht auf einer Leiter und putzt ein Fenster: 10 Q é ﬁ ½ Ⅻ",
    "ΣΊΣΥΦΟΣ, İstanbul, ǅ, ẞ, K",
] * 5
KINDS = [
    characters(TEXTS, lowercase=False),
    characters(TEXTS, lowercase=True),
    subwords(TEXTS, 120, lowercase=False),
    subwords(TEXTS, 120, lowercase=True),
]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  3\tMay\r\n 1979 ", "3 May 1979"),
        ("3\u00a0May\u2009\u30001979\u200b", "3 May 1979"),
        ("a\x00b\x1b[0mc\x85d", "a b [0mc d"),
        ("\ufeffFe\u00adbruar \u200f5", "Februar 5"),
        ("می\u200cخواهم 👩\u200d🔬", "می\u200cخواهم 👩\u200d🔬"),
        ("e\u0301 \u00e9 ﬁ", "e\u0301 \u00e9 ﬁ"),
        ("a\ud800b", f"a{REPLACEMENT}b"),
        (" \u200f \u200f ", ""),
    ],
)
def test_one_blank_for_white_space_and_control_characters(text: str, said: str) -> None:
    assert normalised(text) == said


@given(st.text())
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
    assert not set(normalised(text)) & set("\r\n\t\x00\x0b\x0c\x85\u2028\u2029")


@pytest.mark.parametrize("tokens", KINDS)
def test_texts_come_back_as_they_were(tokens: Tokens) -> None:
    for text in TEXTS:
        ids = tokens.ids(f" {text}\n")
        assert UNKNOWN not in ids
        assert all(4 <= one < tokens.size for one in ids)
        assert tokens.text(ids) == tokens.clean(text)
        assert tokens.text([BEGIN, *ids, END, PAD, PAD]) == tokens.clean(text)


@pytest.mark.parametrize("tokens", KINDS)
def test_tokens_travel_as_json(tokens: Tokens) -> None:
    again = Tokens.model_validate_json(tokens.model_dump_json())
    assert again == tokens
    assert again.ids(TEXTS[0]) == tokens.ids(TEXTS[0])


@pytest.mark.parametrize("tokens", KINDS)
def test_characters_never_seen_are_unknown_and_told(tokens: Tokens) -> None:
    ids = tokens.ids("ein 鱼 Mann 鱼~")
    assert ids.count(UNKNOWN) == 2 if tokens.kind == "subwords" else 3
    assert tokens.text(tokens.ids("鱼")).endswith(REPLACEMENT)
    assert tokens.unknown("ein 鱼 Mann 鱼~") == "鱼~"
    assert tokens.unknown(TEXTS[2]) == ""


@pytest.mark.parametrize("tokens", KINDS)
def test_every_piece_has_a_label(tokens: Tokens) -> None:
    labels = tokens.shown(range(tokens.size))
    assert labels[:4] == ["<pad>", "<unk>", "<s>", "</s>"]
    assert len(set(labels)) == tokens.size
    assert all(label.strip() for label in labels)
    assert "".join(tokens.shown(tokens.ids("ein Mann"))).lstrip("▁").lower() == "ein▁mann"


def test_lower_case_is_that_of_each_character_where_it_is_one() -> None:
    tokens = characters(TEXTS, lowercase=True)
    assert tokens.clean("ΣΊΣΥΦΟΣ İSTANBUL ẞ K") == "σίσυφοσ İstanbul ß k"
    assert tokens.text(tokens.ids("EIN MANN")) == "ein mann"


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_000, "<s> </s> <unk>", "▁▅"])
@pytest.mark.parametrize("tokens", KINDS)
def test_odd_texts_have_ids(tokens: Tokens, text: str) -> None:
    ids = tokens.ids(text)
    assert not {PAD, BEGIN, END} & set(ids)
    assert bool(ids) == bool(text.strip())


def test_subwords_are_the_same_every_time() -> None:
    assert subwords(TEXTS, 120, lowercase=False) == KINDS[2]
    assert 60 < KINDS[2].size <= 120
    assert len(KINDS[2].ids(TEXTS[0])) < len(KINDS[0].ids(TEXTS[0]))


@pytest.mark.parametrize("texts", [["a"], ["ab cd"], ["一二三 四"], ["y ▅ y"], ["x y" * 2_000]])
def test_few_texts_give_fewer_subwords(texts: list[str], capfd: Any) -> None:
    tokens = subwords(texts, 6000, lowercase=False)
    assert tokens.size < 100
    assert tokens.text(tokens.ids(texts[0])) == texts[0].replace("▅", REPLACEMENT)
    assert capfd.readouterr() == ("", "")


def test_subwords_that_cannot_be_learned() -> None:
    with pytest.raises(UserError, match=r"vocabulary is 40, but the texts alone have \d\d diff"):
        subwords(TEXTS, 40, lowercase=False)
    with pytest.raises(UserError, match="no text is left"):
        subwords(["", " "], 40, lowercase=False)


class Graph:
    """Characters with nothing but `tf.strings` and tables, as in an exported model."""

    def __init__(self, tokens: Tokens) -> None:
        codes = tf.lookup.KeyValueTensorInitializer(
            list(tokens.codes), list(tokens.codes.values()), tf.int32, tf.int32
        )
        self.codes = tf.lookup.StaticHashTable(codes, UNKNOWN)
        self.said = tf.constant([tokens.text([one]) for one in range(tokens.size)])
        self.ids = tf.function(self._ids, input_signature=[tf.TensorSpec([None], tf.string)])

    def _ids(self, texts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        for pattern, replacement in RULES:
            texts = tf.strings.regex_replace(texts, pattern, replacement)
        codes = tf.strings.unicode_decode(texts, "UTF-8").to_tensor(-1)
        ids = tf.where(codes < 0, PAD, self.codes.lookup(codes))
        return ids, tf.strings.reduce_join(tf.gather(self.said, ids), axis=1)


GRAPHS = [Graph(tokens) for tokens in KINDS[:2]]
ALPHABET = st.sampled_from([*" \t\n\x00\x85\u00ad\u200b\u200f\u2028\u3000\ufeff", *"".join(TEXTS)])


@settings(max_examples=150)
@given(st.lists(st.text(ALPHABET | st.characters(exclude_categories=["Cs"])), min_size=1))
@pytest.mark.parametrize(("tokens", "graph"), list(zip(KINDS, GRAPHS, strict=False)))
def test_a_graph_gives_the_same_ids_and_texts(
    tokens: Tokens, graph: Graph, texts: list[str]
) -> None:
    ids, said = graph.ids(tf.constant(texts))
    for row, back, text in zip(ids.numpy(), said.numpy(), texts, strict=True):
        wanted = tokens.ids(text)
        assert row[: len(wanted)].tolist() == wanted
        assert not row[len(wanted) :].any()
        assert back.decode() == tokens.text(wanted)


def test_a_graph_normalises_every_code_point_as_python_does() -> None:
    codes = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    every = ["ab".join(codes[i : i + 256]) for i in range(0, len(codes), 256)]
    texts = tf.constant(every)
    for pattern, replacement in RULES:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    assert [text.decode() for text in texts.numpy()] == [normalised(text) for text in every]
