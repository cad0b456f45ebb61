import errno
import struct
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

from common.data.duplicates import identified
from common.data.picture_store import pixels, stored
from common.data.pictures import decode, resized
from common.errors import UserError
from tests.common.data.small_pictures import encoded, photograph


def reader(row):
    return Path(row["content"].removeprefix("file:")).read_bytes()


def files(folder: Path, **contents: bytes) -> pd.DataFrame:
    """An examples table of files with these contents."""
    folder.mkdir(exist_ok=True)
    rows = []
    for name, content in contents.items():
        (folder / f"{name}.jpg").write_bytes(content)
        rows.append({"label": "thing", "content": f"file:{folder / name}.jpg"})
    return pd.DataFrame(rows)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def huge_png() -> bytes:
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))


def deep_png() -> bytes:
    return encoded(Image.fromarray(np.full((9, 9), 40_000, np.uint16)), "PNG")


def test_broken_files_are_listed_and_good_ones_kept(tmp_path):
    png = encoded(photograph().resize((90, 90)), "PNG")
    table = files(
        tmp_path / "in",
        zero=b"",
        text=b"dear diary",
        cut_jpeg=encoded(Image.effect_noise((90, 90), 80))[:-500],
        cut_png=png[: len(png) // 2],
        tiff=encoded(photograph(), "TIFF"),
        huge=huge_png(),
        good=encoded(photograph(2)),
        cmyk=encoded(photograph(3).convert("CMYK")),
        deep=deep_png(),
        one_pixel=encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
    )
    (tmp_path / "in" / "gone.jpg").symlink_to(tmp_path / "nowhere")
    gone = {"label": "thing", "content": f"file:{tmp_path}/in/gone.jpg"}
    table = pd.concat([table, pd.DataFrame([gone])], ignore_index=True)
    good, problems = stored(table, reader, 16, tmp_path / "cache", "k")
    reasons = {Path(p.content).stem: p.reason for p in problems.itertuples()}
    assert {name: reason.split()[1] for name, reason in reasons.items()} == {
        "zero": "empty", "text": "no", "cut_jpeg": "truncated", "cut_png": "truncated",
        "tiff": "a", "huge": "900", "gone": "be",
    }  # fmt: skip
    assert [Path(c).stem for c in good["content"]] == ["good", "cmyk", "deep", "one_pixel"]
    expected = [resized(decode(tf.constant(reader(row))), 16) for row in good.to_dict("records")]
    assert np.array_equal(pixels(good), np.stack(expected))
    assert np.array_equal(pixels(good[::-1]), np.stack(expected[::-1]))


def test_facts_are_measured_unless_the_source_knows(tmp_path):
    dark, light = Image.new("RGB", (20, 50), (10, 10, 10)), Image.new("RGB", (50, 20), "white")
    turned = photograph(4, 60, 20)
    exif = turned.getexif()
    exif[0x0112] = 6
    table = files(
        tmp_path / "in",
        dark=encoded(dark),
        light=encoded(light),
        turned=encoded(turned, exif=exif),
        blurred=encoded(photograph(5, 30, 30)),
        sharp=encoded(Image.effect_noise((30, 30), 80), "PNG"),
    ).assign(**{"attr.brightness": 7.0})
    good, _ = stored(table, reader, 16, tmp_path / "cache", "k")
    facts = good.set_axis([Path(c).stem for c in good["content"]])
    assert list(facts["attr.aspect"]) == ["portrait", "landscape", "portrait", "square", "square"]
    assert tuple(facts.loc["turned", ["attr.width", "attr.height"]]) == (20, 60)
    assert set(facts["attr.brightness"]) == {7.0}
    assert facts.loc["sharp", "attr.sharpness"] > facts.loc["blurred", "attr.sharpness"] + 1
    assert facts.loc["dark", "attr.contrast"] < 0.01 < facts.loc["sharp", "attr.contrast"]
    assert facts.loc["sharp", "attr.saturation"] == 0 < facts.loc["blurred", "attr.saturation"]


def test_pictures_are_decoded_once_as_long_as_nothing_changes(tmp_path):
    table = files(tmp_path / "in#1", a=encoded(photograph(1)), b=encoded(photograph(2)))
    calls = []

    def counting(row):
        calls.append(row["content"])
        return reader(row)

    def again(size: int = 16, key: str = "k") -> pd.DataFrame:
        return stored(table, counting, size, tmp_path / "cache", key)[0]

    first = again()
    assert again().equals(first)
    assert len(calls) == 2
    again(size=8)
    again(key="other")
    assert len(calls) == 6
    (tmp_path / "in#1" / "a.jpg").write_bytes(encoded(photograph(33, 99, 99)))
    assert not np.array_equal(pixels(again())[0], pixels(first)[0])
    assert len(calls) == 8


def test_pixels_in_pixels_out_from_several_stores(tmp_path):
    rand = np.random.default_rng(0)
    arrays = {f"h5:x#{n}": rand.integers(0, 256, (16, 16, 3), dtype=np.uint8) for n in range(4)}
    table = pd.DataFrame({"content": list(arrays), "label": "x", "attr.known": [1, 2, 3, 4]})
    parts = [
        stored(part, lambda row: arrays[row["content"]], 16, tmp_path, key)[0]
        for key, part in (("a", table[:2]), ("b", table[2:]))
    ]
    both = pd.concat(parts, ignore_index=True).iloc[[3, 0, 2, 1]]
    assert np.array_equal(pixels(both), np.stack([arrays[c] for c in both["content"]]))
    assert list(both["attr.known"]) == [4, 1, 3, 2]


def test_nothing_readable_and_gone_stores_are_one_line(tmp_path):
    table = files(tmp_path / "in", a=b"", b=b"text")
    with pytest.raises(UserError, match=r"none of 2 pictures can be read \(.*a.jpg is empty\)"):
        stored(table, reader, 16, tmp_path / "cache", "k")
    rows = pd.DataFrame({"store": [str(tmp_path / "x.npy")], "row": [0]})
    with pytest.raises(UserError, match=r"x\.npy are gone"):
        pixels(rows)


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    table = files(tmp_path / "in", a=encoded(photograph()))
    with pytest.raises(UserError, match="disk is full"):
        stored(table, reader, 16, tmp_path / "cache", "k")
    assert list((tmp_path / "cache").iterdir()) == []


def test_ids_come_from_the_content_and_copies_share_a_group(tmp_path):
    one = encoded(photograph(1), quality=95)
    table = files(
        tmp_path / "in",
        a=one,
        b=encoded(photograph(2)),
        c=one,
        again=encoded(photograph(1), quality=80),
        black=encoded(Image.new("RGB", (9, 9), "black")),
        white=encoded(Image.new("RGB", (9, 9), "white")),
    )
    found = identified(stored(table, reader, 32, tmp_path / "cache", "k")[0])
    alone = identified(stored(table[1:2], reader, 32, tmp_path / "cache", "k")[0])
    assert alone["example_id"].item() == found["example_id"][1]
    assert found["example_id"].is_unique
    assert found["example_id"][2] == found["example_id"][0] + "-2"
    assert found["group"][0] == found["group"][2] == found["group"][3]
    assert found["group"].nunique() == 4
