"""The one decode and resize of pictures, in training and inside exported models."""

import tensorflow as tf

MARKERS = 64
"""JPEG segments that are looked through for the orientation."""
ENTRIES = 64
"""Entries of the EXIF directory that are looked through."""


def decode(encoded: tf.Tensor) -> tf.Tensor:
    """Return (height, width, 3) uint8 of a JPEG, PNG, GIF (first frame), BMP or WebP file.

    Grey and CMYK become RGB, 16 bits become 8, what is transparent becomes white, and EXIF
    orientation is applied, all in the graph. Raises tf.errors.InvalidArgumentError for anything
    else, and for a truncated file.
    """
    kind = tf.strings.substr(encoded, 0, 12)
    is_png = tf.strings.regex_full_match(kind, r"(?s)\x{89}PNG.*") | (
        tf.strings.substr(kind, 1, 3) == "PNG"
    )
    is_webp = tf.strings.substr(kind, 8, 4) == "WEBP"
    is_jpeg = tf.strings.substr(kind, 0, 2) == b"\xff\xd8"

    def png() -> tf.Tensor:
        return _on_white(tf.io.decode_png(encoded, channels=4))

    def webp() -> tf.Tensor:
        return _on_white(tf.io.decode_webp(encoded, channels=4))

    def jpeg() -> tf.Tensor:
        picture = tf.io.decode_jpeg(encoded, channels=3, dct_method="INTEGER_ACCURATE")
        return upright(picture, orientation(encoded))

    def other() -> tf.Tensor:
        return tf.io.decode_image(encoded, channels=3, expand_animations=False)

    picture = tf.case([(is_png, png), (is_webp, webp), (is_jpeg, jpeg)], default=other)
    return tf.ensure_shape(picture, [None, None, 3])


def resized(picture: tf.Tensor, size: int) -> tf.Tensor:
    """Return (size, size, 3) uint8: the whole picture squeezed, antialiased, rounded half up.

    The aspect ratio is not kept: cropping could cut the subject away, and borders are a pattern.
    """
    smooth = tf.image.resize(picture, [size, size], method="bilinear", antialias=True)
    return tf.cast(tf.floor(tf.clip_by_value(smooth, 0, 255) + 0.5), tf.uint8)


def orientation(encoded: tf.Tensor) -> tf.Tensor:
    """Return the EXIF orientation of a JPEG file, 1 to 8; 1 where it says nothing (EXIF 2.3)."""
    data = tf.cast(tf.io.decode_raw(tf.strings.substr(encoded, 0, 1 << 17), tf.uint8), tf.int32)
    start = _exif_start(data)
    return tf.cond(start > 0, lambda: _tag(data[start:]), lambda: tf.constant(1))


def upright(picture: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Return the picture as it should be seen, given its EXIF orientation."""
    picture = tf.cond(orientation >= 5, lambda: tf.transpose(picture, [1, 0, 2]), lambda: picture)
    # After the transposition: which of 1..8 are mirrored from left to right, and upside down.
    mirrored = tf.gather([0, 0, 1, 1, 0, 0, 1, 1, 0], orientation) == 1
    turned = tf.gather([0, 0, 0, 1, 1, 0, 0, 1, 1], orientation) == 1
    picture = tf.cond(mirrored, lambda: tf.reverse(picture, [1]), lambda: picture)
    return tf.cond(turned, lambda: tf.reverse(picture, [0]), lambda: picture)


def _on_white(rgba: tf.Tensor) -> tf.Tensor:
    alpha = tf.cast(rgba[..., 3:], tf.int32)
    colour = tf.cast(rgba[..., :3], tf.int32)
    return tf.cast((colour * alpha + 255 * (255 - alpha) + 127) // 255, tf.uint8)


def _exif_start(data: tf.Tensor) -> tf.Tensor:
    """Return where the TIFF header of the EXIF segment begins, or 0: walks the JPEG's segments."""
    size = tf.size(data)

    def at(place: tf.Tensor) -> tf.Tensor:
        return data[tf.minimum(place, size - 1)]

    def going(place: tf.Tensor, found: tf.Tensor, _n: tf.Tensor) -> tf.Tensor:
        return (found == 0) & (place + 10 < size) & (at(place) == 0xFF) & (at(place + 1) != 0xDA)

    def step(place: tf.Tensor, _found: tf.Tensor, n: tf.Tensor) -> tuple[tf.Tensor, ...]:
        is_exif = (at(place + 1) == 0xE1) & tf.reduce_all(
            data[place + 4 : place + 10] == tf.constant([0x45, 0x78, 0x69, 0x66, 0, 0])
        )
        length = 256 * at(place + 2) + at(place + 3)
        return place + 2 + length, tf.where(is_exif, place + 10, 0), n + 1

    start = (tf.constant(2), tf.constant(0), tf.constant(0))
    return tf.while_loop(going, step, start, maximum_iterations=MARKERS)[1]


def _tag(tiff: tf.Tensor) -> tf.Tensor:
    """Return the value of tag 0x0112 in the first directory of a TIFF header, or 1."""
    padded = tf.concat([tiff, tf.zeros([16], tf.int32)], 0)
    size = tf.size(tiff)
    little = padded[0] == 0x49

    def two(place: tf.Tensor) -> tf.Tensor:
        place = tf.clip_by_value(place, 0, size)
        first, second = tf.gather(padded, place), tf.gather(padded, place + 1)
        return tf.where(little, 256 * second + first, 256 * first + second)

    directory = tf.where(little, two(tf.constant(4)), two(tf.constant(6)))
    places = directory + 2 + 12 * tf.range(ENTRIES)
    tags = tf.where(tf.range(ENTRIES) < two(directory), two(places), 0)
    found = tf.reduce_max(tf.where(tags == 0x0112, two(places + 8), 0))
    return tf.where((found >= 1) & (found <= 8), found, 1)
