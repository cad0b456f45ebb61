"""Pictures in and out: every kind of file, every kind of trouble in one line."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from common.errors import UserError
from projects.neural_style_transfer.pictures import (
    checked_suffix,
    comment_of,
    pictures_of,
    read,
    written,
)


def saved(folder: Path, name: str, image: Image.Image, **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


def silent(word: str) -> None:
    raise AssertionError(f"nothing was to be said: {word}")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str) -> None:
    y, x = np.mgrid[0:40, 0:64].astype(np.float32) / 64
    picture = np.stack([x, y, 0.5 + 0 * x], -1)
    again = read(written(picture, tmp_path / f"new folder/a{suffix}"), 64, silent)
    assert again.dtype == np.float32
    np.testing.assert_allclose(again, picture, atol=0.003 if suffix == ".png" else 0.05)
    assert len(list((tmp_path / "new folder").iterdir())) == 1


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_comment_is_found_again_and_changes_no_pixel(tmp_path: Path, suffix: str) -> None:
    picture = np.random.default_rng(0).random((24, 24, 3)).astype(np.float32)
    plain = written(picture, tmp_path / f"plain{suffix}")
    told = written(picture, tmp_path / f"told{suffix}", '{"style": "Müller"}')
    assert (comment_of(plain), comment_of(told)) == ("", '{"style": "Müller"}')
    np.testing.assert_array_equal(Image.open(plain), Image.open(told))
    (tmp_path / "text").write_text("no picture")
    assert comment_of(tmp_path / "text") == comment_of(tmp_path / "none") == ""


@settings(max_examples=15, deadline=None)
@example(width=64, height=190, size=64)
@given(width=st.integers(64, 300), height=st.integers(64, 300), size=st.integers(64, 256))
def test_the_longer_side_is_no_longer_than_asked_for(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, size: int
) -> None:
    folder = tmp_path_factory.mktemp("pictures")
    path = saved(folder, "a.png", Image.new("RGB", (width, height), (255, 128, 0)))
    picture = read(path, size, silent)
    assert max(picture.shape[:2]) == min(size, max(width, height))
    scale = min(1, size / max(width, height))
    # A side is a whole number of pixels: the aspect is kept as nearly as half a pixel allows.
    np.testing.assert_allclose(picture.shape[:2], (height * scale, width * scale), atol=0.501)
    np.testing.assert_allclose(
        picture, np.broadcast_to((1, 128 / 255, 0), picture.shape), atol=0.01
    )


def test_a_tiny_picture_is_enlarged_with_a_word(tmp_path: Path) -> None:
    words: list[str] = []
    path = saved(tmp_path, "tiny.png", Image.new("RGB", (8, 4)))
    assert read(path, 512, words.append).shape == (128, 256, 3)
    assert words == [f"{path} has 8 x 4 pixels: enlarged to 256 x 128"]


def test_a_huge_picture_is_scaled_with_a_word(tmp_path: Path) -> None:
    words: list[str] = []
    path = saved(tmp_path, "huge.jpg", Image.new("L", (6000, 4500)))
    assert read(path, 64, words.append).shape == (48, 64, 3)
    assert words == [f"{path} has 6000 x 4500 pixels: scaled to 64 x 48"]


def test_grey_and_16_bit_and_transparent_pictures_have_three_colours(tmp_path: Path) -> None:
    grey = saved(tmp_path, "grey.png", Image.new("L", (64, 64), 51))
    deep = saved(tmp_path, "deep.png", Image.fromarray(np.full((64, 64), 13107, np.uint16)))
    clear = saved(tmp_path, "clear.png", Image.new("RGBA", (64, 64), (255, 0, 0, 51)))
    for path, colour in ((grey, (0.2,) * 3), (deep, (0.2,) * 3), (clear, (1, 0.8, 0.8))):
        picture = read(path, 64, silent)
        np.testing.assert_allclose(picture, np.broadcast_to(colour, (64, 64, 3)), atol=0.005)


def test_a_photograph_is_turned_as_its_exif_data_say(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path, "turned.jpg", Image.new("RGB", (96, 64)), exif=exif)
    assert read(path, 96, silent).shape == (96, 64, 3)


def png_header(width: int, height: int, kind: int) -> bytes:
    """A PNG file that ends behind its header; kind 2 is RGB and 6 RGBA."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    body = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + body + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"some words, no picture", "is no picture"),
        (png_header(64, 64, 2), "truncated"),
        (png_header(20000, 20000, 2), "400 megapixels: at most 100 are read"),
        (png_header(6000, 6000, 6), "36 megapixels: with transparency at most 25 are read"),
        (png_header(900, 100, 2), "at most 8 times as long as wide"),
    ],
)
def test_what_cannot_be_painted_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=reason) as caught:
        read(path, 64)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_kinds_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    tiff = saved(tmp_path, "a.tiff", Image.new("RGB", (64, 64)))
    for path, reason in (
        (tiff, "is a TIFF file"),
        (tmp_path / "none.png", "No such file"),
        (tmp_path, "directory"),
    ):
        with pytest.raises(UserError, match=reason):
            read(path, 64)


def test_a_truncated_photograph_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    path = saved(tmp_path, "a.jpg", Image.fromarray(noise))
    path.write_bytes(path.read_bytes()[:1500])
    with pytest.raises(UserError, match="truncated or damaged"):
        read(path, 64)


def test_no_other_suffix_is_written_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name a PNG or JPEG"):
        written(np.zeros((8, 8, 3), np.float32), tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
    assert checked_suffix(Path("b.JPG")) == "JPEG"


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="cannot be written"):
        written(np.zeros((8, 8, 3), np.float32), tmp_path / "file" / "a.png")


def test_a_folder_stands_for_its_pictures(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "notes.txt", ".hidden.png", "below/c.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [file.name for file in pictures_of(tmp_path)] == ["a.JPG", "b.png", "c.webp"]
    assert pictures_of(tmp_path / "notes.txt") == [tmp_path / "notes.txt"]
    with pytest.raises(UserError, match="does not exist"):
        pictures_of(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no picture"):
        pictures_of(tmp_path / "empty")
