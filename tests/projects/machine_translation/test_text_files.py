"""Text files of pairs: their division, and everything that can be wrong with them."""

import gzip
from pathlib import Path

import pytest

from common.errors import UserError
from projects.machine_translation.text_files import pairs, tsv

GERMAN, ENGLISH = ["Grüße", "Tag", "Nacht"], ["greetings", "day", "night"]


def wrote(path: Path, lines: list[str] | bytes) -> Path:
    data = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_table_of_two_columns(tmp_path: Path, end: str) -> None:
    file = wrote(tmp_path / f"a.tsv{end}", ["Grüße\tgreetings", "Tag", "a\tb\tc", "\tx", '"a\tb"'])
    examples, problems = tsv(str(file))
    assert list(examples["source"]) == ["Grüße", '"a']
    assert list(examples["label"]) == ["greetings", 'b"']
    assert list(examples["content"]) == [f"tsv:{file}#1", f"tsv:{file}#5"]
    assert problems.set_index("content")["reason"].to_dict() == {
        f"tsv:{file}#2": "columns: 1, expected: 2",
        f"tsv:{file}#3": "columns: 3, expected: 2",
        f"tsv:{file}#4": "source empty",
    }


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    file = wrote(tmp_path / "a.tsv", ["Tag,day", "Nacht,night"])
    with pytest.raises(UserError, match=r"no line of .*a.tsv has two columns, its first has 1"):
        tsv(str(file))


@pytest.mark.parametrize("end", ["", ".gz"])
def test_two_files_line_by_line(tmp_path: Path, end: str) -> None:
    source = wrote(tmp_path / f"a.de{end}", [*GERMAN, ""])
    target = wrote(tmp_path / f"a.en{end}", [*ENGLISH, "left"])
    examples, problems = pairs(f"{source},{target}")
    assert list(examples["source"]) == GERMAN
    assert list(examples["label"]) == ENGLISH
    assert set(examples["split"]) == {""}
    assert list(problems["content"]) == [f"pairs:{source}#4"]


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    text = "ein\x0bzwei\u2028drei\x85vier\r\n\ufefffünf\x00 sechs"
    source = wrote(tmp_path / "a.de", b"\xef\xbb\xbf" + text.encode())
    target = wrote(tmp_path / "a.en", b"one\r\ntwo\r\n")
    examples, _ = pairs(f"{source},{target}")
    assert list(examples["source"]) == ["ein zwei drei vier", "fünf sechs"]
    assert list(examples["label"]) == ["one", "two"]


def test_a_star_stands_for_the_split(tmp_path: Path) -> None:
    for name, split in {"train": "train", "val": "dev", "test_2016_flickr": "test"}.items():
        wrote(tmp_path / f"{name}.de.gz", [f"{word} {split}" for word in GERMAN])
        wrote(tmp_path / f"{name}.en.gz", [f"{word} {split}" for word in ENGLISH])
    wrote(tmp_path / "train.fr.gz", ["jour"])
    examples, _ = pairs(f"{tmp_path}/*.de.gz,{tmp_path}/*.en.gz")
    assert examples["split"].value_counts().to_dict() == {"train": 3, "dev": 3, "test": 3}
    assert all(examples["source"].str.split().str[-1] == examples["split"])
    assert all(examples["label"].str.split().str[-1] == examples["split"])


def test_a_lone_train_file_is_divided_by_the_house(tmp_path: Path) -> None:
    wrote(tmp_path / "train.de", GERMAN)
    wrote(tmp_path / "train.en", ENGLISH)
    assert set(pairs(f"{tmp_path}/*.de,{tmp_path}/*.en").examples["split"]) == {""}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["train.de", "test_a.de", "test_b.de"], r"several for test \(test_a, test_b, train\)"),
        (["train.de", "extra.de"], r"says no split in 'extra' \(extra, train\)"),
        ([], r"no file is called .*\*\.de"),
    ],
)
def test_files_that_name_no_division(tmp_path: Path, names: list[str], said: str) -> None:
    for name in names:
        wrote(tmp_path / name, GERMAN)
        wrote((tmp_path / name).with_suffix(".en"), ENGLISH)
    with pytest.raises(UserError, match=said):
        pairs(f"{tmp_path}/*.de,{tmp_path}/*.en")


def test_a_split_without_its_other_language(tmp_path: Path) -> None:
    for name in ("train.de", "train.en", "val.en"):
        wrote(tmp_path / name, GERMAN)
    with pytest.raises(UserError, match=r"val.en has no counterpart .*val\.de: both"):
        pairs(f"{tmp_path}/*.de,{tmp_path}/*.en")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.de", "names 1 files: two with one comma"),
        ("a.de,b.de,c.de", "names 3 files"),
        ("a.de, ", "names 1 files"),
        ("*.de,a.en", "one \\* is expected in the name of each"),
        ("**.de,**.en", "one \\* is expected"),
        ("*/a.de,*/a.en", "one \\* is expected"),
        ("nowhere/*.de,nowhere/*.en", r"no file is called nowhere/\*.de"),
        ("a.de,b.en", "a.de does not exist"),
    ],
)
def test_names_that_are_no_two_files(place: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        pairs(place)


def test_files_that_do_not_fit_together(tmp_path: Path) -> None:
    source = wrote(tmp_path / "a.de", GERMAN)
    target = wrote(tmp_path / "a.en", ENGLISH[:2])
    copy = wrote(tmp_path / "copy.de", GERMAN)
    with pytest.raises(UserError, match=r"a\.de has 3 lines and .*a\.en has 2"):
        pairs(f"{source},{target}")
    with pytest.raises(UserError, match=r"a\.de is named for source and target"):
        pairs(f"{source},{tmp_path}/../{tmp_path.name}/a.de")
    with pytest.raises(UserError, match=r"every target sentence .* same as its source"):
        pairs(f"{source},{copy}")
    with pytest.raises(UserError, match=r"none\.en does not exist"):
        pairs(f"{source},{tmp_path}/none.en")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty: a sentence a line"),
        ("\ufeff".encode(), "is empty"),
        ("Tag\tday\n".encode("utf-16"), r"is UTF-16 .*iconv -f UTF-16 -t UTF-8 \S+a.tsv > a.utf8"),
        ("Tag\tday\n".encode("utf-16-be"), "is UTF-16"),
        (
            "Tag\tday\nGr\u00fc\u00dfe\tx\n".encode("latin1"),
            r"not UTF-8: line 2 has 0xfc as byte 3; if it is Latin-1.*iconv -f LATIN1",
        ),
        (b"\x1f\x8b\x08broken", r"cannot be read \(.*\): name a text file, or \.gz"),
        (gzip.compress(b"Tag\tday\n" * 99, mtime=0)[:-9], "cannot be read"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "a.tsv"
    file.write_bytes(data)
    with pytest.raises(UserError, match=said) as error:
        tsv(str(file))
    assert "\n" not in str(error.value)


def test_another_encoding_inside_gzip(tmp_path: Path) -> None:
    file = wrote(tmp_path / "a.tsv.gz", "Gr\u00fc\u00dfe\tx\n".encode("latin1"))
    with pytest.raises(UserError, match=r"gunzip \S+a.tsv.gz; iconv -f LATIN1 -t UTF-8 \S+a.tsv >"):
        tsv(str(file))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        tsv(str(tmp_path))
