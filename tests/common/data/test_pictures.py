import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from common.data.pictures import decode, resized
from tests.common.data.small_pictures import encoded, photograph

JPEG_TOLERANCE = 2


def decoded(content: bytes) -> np.ndarray:
    return decode(tf.constant(content)).numpy()


def as_pillow_sees_it(content: bytes) -> np.ndarray:
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(image.convert("RGB"))


def assert_alike(content: bytes, tolerance: int) -> None:
    found, expected = decoded(content).astype(int), as_pillow_sees_it(content).astype(int)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance


def exif(orientation: int, order: str = ">") -> bytes:
    """An Exif block with a text entry before the orientation and a number behind it."""
    start = b"MM\0*" if order == ">" else b"II*\0"
    entries = struct.pack(order + "HHI4s", 0x010F, 2, 4, b"abc\0")
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(order + "HHII", 0x0201, 4, 1, 7)
    body = start + struct.pack(order + "IH", 8, 3) + entries + struct.pack(order + "I", 0)
    return b"Exif\0\0" + body


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation, order):
    content = encoded(photograph(), quality=95, exif=exif(orientation, order))
    upright = decoded(encoded(photograph(), quality=95))
    assert_alike(content, JPEG_TOLERANCE)
    assert np.array_equal(decoded(content), upright) == (orientation == 1)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_impossible_orientation_is_ignored(orientation):
    content = encoded(photograph(), exif=exif(orientation))
    assert np.array_equal(decoded(content), decoded(encoded(photograph())))


def test_orientation_is_found_behind_other_segments():
    profile = b"\xff\xe2" + struct.pack(">H", 60_002) + bytes(60_000)
    content = encoded(photograph(), quality=95, exif=exif(6))
    moved = content[:2] + profile + content[2:]
    assert np.array_equal(decoded(moved), decoded(content))
    assert decoded(moved).shape == (40, 30, 3)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60))
def test_garbage_in_exif_never_crashes(garbage):
    segment = b"\xff\xe1" + struct.pack(">H", len(garbage) + 8) + b"Exif\0\0" + garbage
    plain = encoded(photograph())
    found = decoded(plain[:2] + segment + plain[2:])
    assert sorted(found.shape) == [3, 30, 40]


def noisy(mode: str, size: tuple[int, int] = (23, 17)) -> Image.Image:
    rand = np.random.default_rng(1)
    bands = len(Image.new(mode, (1, 1)).getbands())
    shape = (size[1], size[0]) if bands == 1 else (size[1], size[0], bands)
    return Image.fromarray(rand.integers(0, 256, shape, dtype=np.uint8), mode)


def palette(colours: int = 64, transparent: bool = False) -> bytes:
    image = noisy("RGB").quantize(colours)
    return encoded(image, "PNG", **({"transparency": 3} if transparent else {}))


@pytest.mark.parametrize(
    ("content", "tolerance"),
    [
        (encoded(photograph(), quality=90), JPEG_TOLERANCE),
        (encoded(photograph(), quality=90, progressive=True), JPEG_TOLERANCE),
        (encoded(photograph().convert("L"), quality=90), JPEG_TOLERANCE),
        (encoded(photograph().convert("CMYK"), quality=95), 4),
        (encoded(noisy("RGB"), "PNG"), 0),
        (encoded(noisy("L"), "PNG"), 0),
        (encoded(noisy("LA"), "PNG"), 1),
        (encoded(noisy("RGBA"), "PNG"), 1),
        (encoded(noisy("L").point(lambda v: v > 99, "1"), "PNG"), 0),
        (palette(), 0),
        (palette(colours=4), 0),
        (palette(transparent=True), 1),
        (encoded(noisy("RGB").quantize(64), "GIF"), 0),
        (encoded(noisy("RGB"), "BMP"), 0),
        (encoded(noisy("L"), "BMP"), 0),
        (encoded(noisy("RGB").quantize(64), "BMP"), 0),
        (encoded(noisy("RGB"), "WEBP", lossless=True), 0),
        (encoded(noisy("RGBA"), "WEBP", lossless=True, exact=True), 1),
    ],
    ids=[
        "jpeg", "progressive", "gray jpeg", "cmyk jpeg", "png", "gray png", "gray-alpha png",
        "rgba png", "1-bit png", "palette png", "2-bit png", "transparent palette", "gif", "bmp",
        "gray bmp", "palette bmp", "webp", "rgba webp",
    ],
)  # fmt: skip
def test_every_format_is_what_pillow_sees(content, tolerance):
    assert_alike(content, tolerance)


def test_16_bit_png_keeps_its_upper_byte():
    deep = np.arange(0, 65536, 257 * 2, dtype=np.uint16).reshape(8, 16)
    found = decoded(encoded(Image.fromarray(deep), "PNG"))
    assert np.abs(found.astype(int) - (deep / 257)[..., None]).max() <= 1


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_first_frame_of_an_animation(form):
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "blue", "lime")]
    content = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    assert_alike(content, 3)
    assert decoded(content)[0, 0, 0] > 250


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"some text, named .jpg",
        b"\xff\xd8\xff",
        b"RIFFxxxx",
        b"RIFFxxxx\xf8EBPVP8 ",
        b"GIF8\xf8a",
        b"RIFFxxxxWEBPVP8 ",
        b"\xf8\x8e\xff\0 no text",
        b"BM",
        encoded(photograph(), "TIFF"),
        encoded(photograph())[:400],
        encoded(noisy("RGB"), "PNG")[:300],
    ],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(tf.constant(content))


def with_size_in_header(content: bytes, at: int, size: bytes) -> bytes:
    return content[:at] + size + content[at + len(size) :]


animation = encoded(noisy("RGB"), "WEBP", save_all=True, append_images=[noisy("RGB").rotate(90)])
jpeg = encoded(photograph())


@pytest.mark.parametrize(
    "content",
    [
        with_size_in_header(jpeg, jpeg.index(b"\xff\xc0") + 5, struct.pack(">HH", 60_000, 60_000)),
        with_size_in_header(encoded(noisy("RGB"), "PNG"), 16, struct.pack(">II", 20_000, 20_000)),
        with_size_in_header(encoded(noisy("L"), "GIF"), 6, struct.pack("<HH", 60_000, 60_000)),
        with_size_in_header(animation, 24, b"\xff\xff\xff\x1d\0\0"),
    ],
    ids=["jpeg", "png", "gif", "webp"],
)
def test_a_header_cannot_ask_for_all_memory(content):
    for read in (decode, tf.function(decode)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="more than 100 megapixels"):
            read(tf.constant(content))


@pytest.mark.parametrize("size", [8, 32, 77])
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (64, 3), (90, 120)])
def test_resized_is_near_pillow_and_has_its_size(shape, size):
    image = photograph(2, shape[1], shape[0])
    found = resized(tf.constant(np.asarray(image)), size).numpy()
    assert (found.shape, found.dtype) == ((size, size, 3), np.uint8)
    expected = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_a_picture_of_the_size_asked_for_is_unchanged():
    pixels = np.asarray(noisy("RGB", (32, 32)))
    assert np.array_equal(resized(tf.constant(pixels), 32), pixels)


def test_halves_are_rounded_up():
    pixels = np.array([[[10, 20, 255]], [[11, 21, 254]]], np.uint8)
    assert resized(tf.constant(pixels), 1).numpy().tolist() == [[[11, 21, 255]]]


class Reader(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def read(self, encoded):
        kind = tf.TensorSpec([24, 24, 3], tf.uint8)
        return tf.map_fn(lambda one: resized(decode(one), 24), encoded, fn_output_signature=kind)


def test_eager_graph_and_saved_model_agree_to_the_bit(tmp_path: Path):
    contents = [
        encoded(photograph(1), exif=exif(8)),
        encoded(photograph(2).convert("CMYK")),
        encoded(noisy("RGBA"), "PNG"),
        encoded(noisy("RGB").quantize(64), "GIF"),
        encoded(noisy("RGB").quantize(64), "BMP"),
        encoded(noisy("RGB"), "WEBP"),
    ]
    eager = np.stack([resized(decode(tf.constant(one)), 24) for one in contents])
    reader = Reader()
    assert np.array_equal(reader.read(tf.constant(contents)), eager)
    tf.saved_model.save(reader, str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    assert np.array_equal(loaded.read(tf.constant(contents)), eager)
    with pytest.raises(tf.errors.InvalidArgumentError):
        loaded.read(tf.constant([contents[0], b"no picture"]))
