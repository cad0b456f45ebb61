"""Text as numbers and back: characters, or sentencepiece's subwords. Travels as JSON.

What is done to characters can be done with `tf.strings` as well, with the same result to the last
character: `RULES` are regular expressions that mean the same to Python and to RE2, and lower-casing
and looking up are one table, `Tokens.codes`, from code points to ids.
"""

import base64
import io
import re
import sys
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, Literal

from common.errors import UserError
from common.settings import Group

PAD, UNKNOWN, BEGIN, END = range(4)
"""The ids of what is no text; the first piece is 4."""
SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
"""How these four are shown."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What an unknown piece says."""
RESERVED = "\N{LOWER FIVE EIGHTHS BLOCK}"
"""Never a piece of sentencepiece's."""
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
"""How a blank is shown, as sentencepiece has it."""

RULES = (
    # Soft hyphen, marks of direction, word joiner, byte order mark: nobody sees them. The joiners
    # U+200C and U+200D stay, Persian words and emoji are made of them.
    ("[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+", ""),
    # Control characters (Cc) and white space (Z, and the zero width space).
    ("[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000]+", " "),
    ("^ | $", ""),
)
"""What `normalised` replaces, one after the other, everywhere: patterns for `re` and RE2 alike."""


def normalised(text: str) -> str:
    """Return the text on one line: one blank for any white space or control characters.

    Blanks at the ends and invisible marks go; nothing is composed, decomposed or folded. What is no
    Unicode (a lone surrogate) becomes the replacement character.
    """
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    return text


class Tokens(Group):
    """A vocabulary, and how text becomes its ids."""

    kind: Literal["characters", "subwords"]
    """What a piece is."""
    lowercase: bool = False
    """Lower-case each character, where its lower case is one character."""
    pieces: tuple[str, ...] = ()
    """Characters: all known ones, sorted; the first has the id 4."""
    model: str = ""
    """Subwords: the sentencepiece model, base64."""

    @property
    def size(self) -> int:
        """How many ids there are, the four special ones included."""
        if self.kind == "characters":
            return len(SPECIAL) + len(self.pieces)
        return int(self._processor.get_piece_size())

    def clean(self, text: str) -> str:
        """Return the text as its pieces say it: normalised, lower-cased where that is wanted."""
        text = normalised(text)
        return text.translate(_lower_case()) if self.lowercase else text

    def ids(self, text: str) -> list[int]:
        """Return the ids of a text's pieces, without BEGIN and END."""
        if self.kind == "characters":
            return [self.codes.get(ord(one), UNKNOWN) for one in normalised(text)]
        return list(self._processor.encode(self.clean(text)))

    def text(self, ids: Iterable[int]) -> str:
        """Return the text of ids; PAD, BEGIN and END say nothing, UNKNOWN is a U+FFFD."""
        said = [int(one) for one in ids if one not in (PAD, BEGIN, END)]
        if self.kind == "characters":
            return "".join(self._characters[one] for one in said)
        return str(self._processor.decode(said))

    def shown(self, ids: Iterable[int]) -> list[str]:
        """Return each piece as a picture labels it: a blank is a low bar, specials have names."""
        numbers = [int(one) for one in ids]
        if self.kind == "subwords":
            return [str(self._processor.id_to_piece(one)) for one in numbers]
        names = [*SPECIAL, *self._characters[len(SPECIAL) :]]
        return [SPACE if names[one] == " " else names[one] for one in numbers]

    def unknown(self, text: str) -> str:
        """Return the characters of a text that were never seen, each once, in their order."""
        clean = dict.fromkeys(self.clean(text))
        return "".join(one for one in clean if one not in self._alphabet)

    @cached_property
    def codes(self) -> dict[int, int]:
        """Characters: code point -> id, lower-casing included; every other one is UNKNOWN."""
        known = {ord(piece): number for number, piece in enumerate(self.pieces, len(SPECIAL))}
        lower = _lower_case() if self.lowercase else {}
        return {**known, **{code: known[to] for code, to in lower.items() if to in known}}

    @cached_property
    def _characters(self) -> tuple[str, ...]:
        """What each id says."""
        return ("", REPLACEMENT, "", "", *self.pieces)

    @cached_property
    def _alphabet(self) -> frozenset[str]:
        if self.kind == "characters":
            return frozenset(self.pieces)
        pieces = (self._processor.id_to_piece(one) for one in range(len(SPECIAL), self.size))
        return frozenset({" ", *(piece for piece in pieces if len(piece) == 1)})

    @cached_property
    def _processor(self) -> Any:
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_proto=base64.b64decode(self.model))


def characters(texts: Iterable[str], lowercase: bool) -> Tokens:
    """Return the tokens whose pieces are the characters of these texts."""
    plain = Tokens(kind="characters", lowercase=lowercase)
    found = {one for text in texts for one in plain.clean(text)}
    return Tokens(kind="characters", lowercase=lowercase, pieces=tuple(sorted(found)))


def subwords(texts: Iterable[str], size: int, lowercase: bool) -> Tokens:
    """Return the tokens whose pieces are at most `size` subwords (Kudo 2018) of these texts.

    Every character of the texts is a piece as well. Few texts give fewer pieces. Raises UserError
    where `size` has no room for the characters.
    """
    import sentencepiece

    plain = Tokens(kind="characters", lowercase=lowercase)
    # sentencepiece leaves out lines with the mark it keeps for unknown characters.
    clean = [text for text in (plain.clean(one.replace(RESERVED, " ")) for one in texts) if text]
    if not clean:
        raise UserError("no text is left to learn subwords from: name a source with sentences")
    alphabet = {one for text in clean for one in text}
    needed = len(alphabet | {SPACE}) + len(SPECIAL)
    if size < needed:
        raise UserError(
            f"data.vocabulary is {size}, but the texts alone have {len(alphabet)} different"
            f" characters: set it to {2 * needed} or more, or use data.pieces=characters"
        )
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(clean),
        model_writer=written,
        vocab_size=size,
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",  # the texts come normalised, and come back unchanged
        max_sentence_length=2**30,  # longer ones would be left out, with their characters
        num_threads=1,
        pad_id=PAD,
        unk_id=UNKNOWN,
        bos_id=BEGIN,
        eos_id=END,
        unk_surface=REPLACEMENT,
        minloglevel=2,
    )
    model = base64.b64encode(written.getvalue()).decode()
    return Tokens(kind="subwords", lowercase=lowercase, model=model)


@cache
def _lower_case() -> dict[int, int]:
    """Return code point -> code point of its lower case, where that is one other character."""
    pairs = ((code, chr(code).lower()) for code in range(sys.maxunicode + 1))
    return {code: ord(to) for code, to in pairs if len(to) == 1 and to != chr(code)}
