"""The one function that decodes and the one that resizes: in training and in what is exported.

Both are graph operations throughout, so a folder of files and the bytes that a server is sent
give the same pixels.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

import tensorflow as tf

LARGEST = 100_000_000
"""Pixels of the largest picture that is decoded: a header of a few bytes can ask for more."""
_HEAD = 1 << 18
"""Bytes in which the Exif segment is looked for: it comes first, or behind a few others."""
_EXIF = int.from_bytes(b"Exif", "big")
_SHORT = 3
_ORIENTATION = 0x0112


def decode(encoded: tf.Tensor) -> tf.Tensor:
    """Return the picture in a scalar string, (height, width, 3) uint8, as a person would see it.

    JPEG (gray and CMYK too) is turned as its Exif orientation says; PNG (palette, gray, 16 bit)
    and WebP are put on white where they are transparent; of an animation the first frame is
    taken; BMP may have 8 (palette), 24 or 32 bits. Raises InvalidArgumentError for anything else,
    and for more than LARGEST pixels.
    """
    kinds = [
        (_has(encoded, b"\xff\xd8\xff"), lambda: _jpeg(encoded)),
        (_has(encoded, b"\x89PNG"), lambda: _png(encoded)),
        (_has(encoded, b"GIF87a") | _has(encoded, b"GIF89a"), lambda: _gif(encoded)),
        (_has(encoded, b"BM"), lambda: _bmp(encoded)),
        (_has(encoded, b"RIFF") & _has(encoded, b"WEBP", at=8), lambda: _webp(encoded)),
    ]

    def unknown() -> tf.Tensor:
        with _asserted(False, "no JPEG, PNG, GIF, BMP or WebP file"):
            return tf.zeros([0, 0, 3], tf.uint8)

    picture = tf.case(kinds, default=unknown)
    return tf.ensure_shape(picture, [None, None, 3])


def resized(picture: tf.Tensor, size: int) -> tf.Tensor:
    """Return the whole picture squeezed to (size, size, 3) uint8.

    Bilinear with antialiasing (a photograph shrunk without would be noise), halves rounded up.
    The aspect ratio is not kept: a crop would lose what lies at the edge, a border would be seen
    by the network. A picture that has this size already is returned unchanged.
    """
    shrunk = tf.image.resize(picture, [size, size], method="bilinear", antialias=True)
    rounded = tf.floor(tf.clip_by_value(shrunk, 0.0, 255.0) + 0.5)
    return tf.ensure_shape(tf.cast(rounded, tf.uint8), [size, size, 3])


def _has(encoded: tf.Tensor, magic: bytes, at: int = 0) -> tf.Tensor:
    """Return whether these bytes are at this place of the file, whatever its length."""
    start = tf.minimum(at, tf.strings.length(encoded))
    return tf.equal(tf.strings.substr(encoded, start, len(magic)), magic)


def _jpeg(encoded: tf.Tensor) -> tf.Tensor:
    shape = tf.image.extract_jpeg_shape(encoded)
    # The accurate transform is what every other program uses; the default is the fast one.
    picture = tf.io.decode_jpeg(
        _bounded(encoded, shape[1], shape[0]), channels=3, dct_method="INTEGER_ACCURATE"
    )
    return _turned(picture, _orientation(encoded))


def _png(encoded: tf.Tensor) -> tf.Tensor:
    head, little = _bytes(tf.strings.substr(encoded, 0, 32)), tf.constant(False)
    width, height = (_number(head, tf.constant(at), 4, little) for at in (16, 20))
    # Four channels asked for would make gray and palette files below 8 bits transparent.
    return _on_white(tf.io.decode_png(_bounded(encoded, width, height)))


def _gif(encoded: tf.Tensor) -> tf.Tensor:
    head, little = _bytes(tf.strings.substr(encoded, 0, 32)), tf.constant(True)
    width, height = (_number(head, tf.constant(at), 2, little) for at in (6, 8))
    return tf.io.decode_gif(_bounded(encoded, width, height))[0]


def _bmp(encoded: tf.Tensor) -> tf.Tensor:
    raw = tf.io.decode_bmp(encoded)

    def looked_up() -> tf.Tensor:
        start = 14 + _number(_bytes(encoded), tf.constant(14), 4, tf.constant(True))
        table = tf.reshape(_bytes(tf.strings.substr(encoded, start, 4 * 256)), [-1, 4])
        colours = tf.pad(table, [[0, 256 - tf.shape(table)[0]], [0, 0]])[:, 2::-1]
        return tf.gather(colours, tf.cast(raw[:, :, 0], tf.int32))

    return tf.cond(tf.shape(raw)[2] == 1, looked_up, lambda: raw[:, :, :3])


def _webp(encoded: tf.Tensor) -> tf.Tensor:
    head, little = _bytes(tf.strings.substr(encoded, 0, 32)), tf.constant(True)
    flags = _number(head, tf.constant(20), 1, little)
    width, height = (_number(head, tf.constant(at), 3, little) + 1 for at in (24, 27))
    extended = tf.equal(tf.strings.substr(encoded, 12, 4), b"VP8X")
    # The decoder writes four channels of every frame, and past the end of its buffer where the
    # header announces three; so the header of an animation is made to announce four.
    rest = tf.strings.substr(encoded, 21, tf.strings.length(encoded))
    with_opacity = tf.strings.join([tf.strings.substr(encoded, 0, 20), b"\x12", rest])
    content = tf.where(extended & ((flags & 2) > 0), with_opacity, encoded)
    # Only extended files can be larger than 268 megapixels, and hold their size here.
    content = _bounded(content, tf.where(extended, width, 1), height)
    return _on_white(tf.io.decode_webp(content)[0])


def _bounded(encoded: tf.Tensor, width: tf.Tensor, height: tf.Tensor) -> tf.Tensor:
    """Return `encoded` when the size its header states is no more than LARGEST pixels."""
    area = tf.cast(width, tf.int64) * tf.cast(height, tf.int64)
    with _asserted(area <= LARGEST, f"the picture has more than {LARGEST // 10**6} megapixels"):
        return tf.identity(encoded)


def _asserted(holds: tf.Tensor | bool, message: str) -> AbstractContextManager[None]:
    """Return a context whose operations run only if `holds`; else the message is raised."""
    return tf.control_dependencies([tf.debugging.Assert(holds, [message])])


def _on_white(picture: tf.Tensor) -> tf.Tensor:
    """Return (h, w, 3) uint8 of (h, w, 1 to 4) uint8: gray or colours, and perhaps opacity."""
    channels = tf.shape(picture)[2]
    colours = tf.gather(picture, tf.where(channels < 3, [0, 0, 0], [0, 1, 2]), axis=2)

    def blended() -> tf.Tensor:
        opacity = tf.cast(picture[:, :, channels - 1 :], tf.int32)
        mixed = tf.cast(colours, tf.int32) * opacity + 255 * (255 - opacity)
        return tf.cast((mixed + 127) // 255, tf.uint8)

    return tf.cond(channels % 2 == 0, blended, lambda: colours)


def _turned(picture: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Return the picture as Exif orientation 1 to 8 says that it is to be seen."""

    def where(orientations: list[int], change: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
        applies = tf.reduce_any(tf.equal(orientation, orientations))
        return tf.cond(applies, lambda: change(picture), lambda: picture)

    picture = where([5, 6, 7, 8], lambda one: tf.transpose(one, [1, 0, 2]))
    picture = where([2, 3, 6, 7], lambda one: tf.reverse(one, [1]))
    return where([3, 4, 7, 8], lambda one: tf.reverse(one, [0]))


def _orientation(encoded: tf.Tensor) -> tf.Tensor:
    """Return the Exif orientation of a JPEG, 1 where there is none or it makes no sense."""
    head = _bytes(tf.strings.substr(encoded, 0, _HEAD))
    big_endian = tf.constant(False)

    def marker(at: tf.Tensor) -> tf.Tensor:
        return _number(head, at, 2, big_endian)

    def is_exif(at: tf.Tensor) -> tf.Tensor:
        return (marker(at) == 0xFFE1) & (_number(head, at + 4, 4, big_endian) == _EXIF)

    def goes_on(at: tf.Tensor) -> tf.Tensor:
        # Every segment begins with FF; behind FFDA is the picture itself; outside is 0.
        return (marker(at) > 0xFF00) & (marker(at) != 0xFFDA) & ~is_exif(at)

    def next_segment(at: tf.Tensor) -> tuple[tf.Tensor]:
        return (at + 2 + marker(at + 2),)

    (at,) = tf.while_loop(goes_on, next_segment, [tf.constant(2)])
    return tf.cond(is_exif(at), lambda: _tiff_orientation(head, at + 10), lambda: tf.constant(1))


def _tiff_orientation(head: tf.Tensor, base: tf.Tensor) -> tf.Tensor:
    """Return the orientation in the first directory of the TIFF structure at `base`, else 1."""
    little = _number(head, base, 2, tf.constant(False)) == 0x4949
    first = base + _number(head, base + 4, 4, little)
    entries = first + 2 + 12 * tf.range(_number(head, first, 2, little))
    is_it = (_number(head, entries, 2, little) == _ORIENTATION) & (
        _number(head, entries + 2, 2, little) == _SHORT
    )
    values = tf.boolean_mask(_number(head, entries + 8, 2, little), is_it)
    value = tf.concat([values, [1]], axis=0)[0]
    return tf.where((value >= 1) & (value <= 8), value, 1)


def _bytes(encoded: tf.Tensor) -> tf.Tensor:
    return tf.io.decode_raw(encoded, tf.uint8)


def _number(head: tf.Tensor, at: tf.Tensor, length: int, little: tf.Tensor) -> tf.Tensor:
    """Return the unsigned number (int32) of `length` bytes at `at`, of its shape.

    Bytes outside `head` count as 0, and so does what exceeds 31 bits: a broken file must not
    crash.
    """
    step = tf.range(length)
    places = tf.expand_dims(at, -1) + tf.where(little, step[::-1], step)
    inside = (places >= 0) & (places < tf.size(head))
    digits = tf.gather(head, tf.where(inside, places, 0))
    values = tf.where(inside, tf.cast(digits, tf.int32), 0)
    scale = tf.constant([256**power for power in range(length)][::-1], tf.int64)
    total = tf.reduce_sum(tf.cast(values, tf.int64) * scale, axis=-1)
    return tf.cast(tf.where(total < 2**31, total, 0), tf.int32)
