"""Names: one for each way of typing it, in any script."""

import pytest

from common.errors import UserError
from projects.face_verification.names import called, folded


@pytest.mark.parametrize(
    ("name", "is_name"),
    [
        ("\u0645\u0647\u062f\u06cc\u200c\u0632\u0627\u062f\u0647", True),  # Persian, in two parts
        ("\u0c36\u0c4d\u200c\u0c30\u0c40", True),  # Telugu
        ("\u0d05\u0d28\u0d3f\u0d32\u0d4d\u200d", True),  # Malayalam, with a joiner at the end
        ("Anna\u200d", False),
        ("\u200cAnna", False),
        ("Anna \u200c Lee", False),
        ("An\u200bna", False),
        ("An\u202ena", False),
        ("\u00a0", False),
    ],
)
def test_joiners_are_allowed_where_spelling_puts_them(name: str, is_name: bool) -> None:
    if is_name:
        assert called(name) == name
    else:
        with pytest.raises(UserError, match="is no name"):
            called(name)


def test_spaces_and_accents_are_the_same_however_they_are_typed() -> None:
    assert called(" Bjo\u0308rn  de\u00a0la\tCruz\n") == "Bj\u00f6rn de la Cruz"


def test_names_that_a_reader_may_not_tell_apart_are_folded_alike() -> None:
    assert folded("ANNA") == folded("anna") == folded("An\u200cna") != folded("Hanna")
