"""Where pictures are written."""

from pathlib import Path

import pytest

from common.errors import UserError
from projects.neural_style_transfer.outputs import counted, output_files


def test_one_picture_goes_to_the_file_or_into_a_folder_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / "new/a.jpg"
    assert output_files(["x"], file, made_of=["a"], many=False, sources=[]) == [file]
    assert output_files(["x"], tmp_path, made_of=["a"], many=False, sources=[]) == [
        tmp_path / "x.png"
    ]
    assert list(tmp_path.iterdir()) == []


def test_several_go_into_a_folder_that_need_not_be_there(tmp_path: Path) -> None:
    names = ["x", "y.z"]
    files = output_files(names, tmp_path / "a/b", made_of=names, many=True, sources=[])
    assert files == [tmp_path / "a/b/x.png", tmp_path / "a/b/y.z.png"]


@pytest.mark.parametrize(
    ("names", "output", "many", "said"),
    [
        (["x"], "a.gif", False, "a.gif ends in none of"),
        (["x", "y"], "a.png", True, "a.png names one file for several pictures"),
        (["x", "y"], "file", True, "file names one file for several pictures"),
        (["x", "y", "x"], "out", True, "a x and another x would both be written to .*out/x.png"),
        (["x"], "file/a.png", False, "file is a file, and no folder to write to: name a .png or"),
        (["x"], "file", False, "file is a file, and no folder to write to: name a .png or"),
        (["x"], "folder.png", False, "folder.png is a folder, though its name ends as a picture's"),
        (["x", "y"], "folder.png", True, "folder.png is a folder, though its name ends as a pict"),
        (["x", "read"], "in", True, "read.png is read, and would be overwritten"),
        (["x"], "in/../in/read.png", False, "would be overwritten"),
    ],
)
def test_what_would_lose_something_is_refused(
    tmp_path: Path, names: list[str], output: str, many: bool, said: str
) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UserError, match=said) as caught:
        output_files(
            names,
            tmp_path / output,
            made_of=["a x", "a y", "another x"][: len(names)],
            many=many,
            sources=[tmp_path / "in/read.png"],
        )
    assert "\n" not in str(caught.value)


def test_what_was_painted_is_counted() -> None:
    assert counted(21, 5) == "16 of 21 painted, 5 were not"
    assert counted(2, 1) == "1 of 2 painted, 1 was not"
