"""What is around and before a face, and the light on it: it tells nothing of who somebody is."""

from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from projects.face_verification.drawing.head import Head, ellipse, mirrored, rounded
from projects.face_verification.drawing.person import SKINS, Colour, Person, mixed


def any_colour(rand: Random) -> Colour:
    """A colour of any hue, light or dark."""
    return rand.randrange(256), rand.randrange(256), rand.randrange(256)


def background(side: int, rand: Random) -> Image.Image:
    """A wall of two colours with some large things before it; (side, side), RGB."""
    tones = np.array([any_colour(rand) for _ in range(4)], np.uint8).reshape(2, 2, 3)
    image = Image.fromarray(tones).resize((side, side), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(rand.randrange(6)):
        x, y = rand.uniform(-0.3, 1) * side, rand.uniform(-0.3, 1) * side
        box = (x, y, x + rand.uniform(0.1, 0.6) * side, y + rand.uniform(0.1, 0.8) * side)
        shape = draw.rectangle if rand.random() < 0.5 else draw.ellipse
        shape(box, fill=any_colour(rand))
    return image


def draw_body(head: Head, who: Person, rand: Random) -> None:
    """Neck and clothes."""
    wide = 0.48 * who["face_width"]
    neck = np.array([-wide + 0.4j, wide + 0.4j, wide + 0.06 + 1.6j, -wide - 0.06 + 1.6j])
    head.fill(neck, mixed(who.skin, (40, 15, 10), 0.25), -0.1)
    half = [0.4 + 1.3j, 0.9 + 1.42j, 1.5 + 1.7j, 1.7 + 4j]
    cut = 1j * rand.uniform(1.3, 1.75)
    shape = [cut, *half, *mirrored(half)]
    head.fill(rounded(shape), any_colour(rand), -0.1)


def draw_glasses(head: Head, who: Person, rand: Random) -> None:
    """Glasses with round or square rims of some colour."""
    rim = rand.choice(((20, 20, 22), (90, 50, 30), (150, 150, 155), (150, 30, 40)))
    rx, ry = rand.uniform(0.19, 0.24), rand.uniform(0.13, 0.21)
    apart, height = max(who["eye_apart"], rx + 0.04), 1j * (who["eye_height"] + 0.02)
    square = rand.random() < 0.5
    for side in (-1, 1):
        lens = ellipse(0j, rx, ry)
        if square:
            lens = rounded(np.array([-rx - 1j * ry, rx - 1j * ry, rx + 1j * ry, -rx + 1j * ry]))
        lens = lens + side * apart + height
        head.line(np.append(lens, lens[:2]), 0.035, rim, 0.62)
        arm = np.array([side * (apart + rx) + height, side * who["face_width"] + height])
        head.line(arm, 0.035, rim, 0.3)
    head.line(np.array([-apart + rx, apart - rx]) + height, 0.035, rim, 0.62)


def occlude(head: Head, what: str, rand: Random) -> None:
    """Hide a part of the face: behind the "hand" of somebody, a "scarf", or below a "cap"."""
    colour = any_colour(rand)
    if what == "scarf":
        top = rand.uniform(0.28, 0.5)
        half = [0.4 + 1j * top, 0.95 + 1j * top - 0.1j, 1.05 + 1j, 0.9 + 1.6j]
        shape = rounded([*half, *mirrored(half)])
        head.fill(shape, colour, 0.3)
    elif what == "cap":
        edge = rand.uniform(-0.5, -0.38)
        half = [0.35 - 1.45j, 1.02 - 1.15j, 1.08 + 1j * edge, 0.4 + 1j * edge]
        shape = rounded([*half, *mirrored(half)])
        head.fill(shape, colour, 0.1)
        head.fill(ellipse(1j * edge, 0.95, 0.11), mixed(colour, (0, 0, 0), 0.4), 0.5)
    elif what == "hand":
        skin, side = rand.choice(SKINS), rand.choice((-1, 1))
        palm = complex(side * rand.uniform(0.3, 0.6), rand.uniform(0.5, 0.95))
        head.fill(ellipse(palm, 0.3, 0.34), skin, 0.6)
        for finger in range(4):
            tip = palm + (0.12 * finger - 0.2) - 0.35j
            head.fill(ellipse(tip, 0.07, 0.25), mixed(skin, (40, 15, 10), 0.08 * finger), 0.6)


def lit(
    image: Image.Image,
    centre: complex,
    scale: float,
    light: tuple[float, float, float],
    rand: Random,
) -> NDArray[np.uint8]:
    """The picture under a light, as a noisy sensor sees it: (size, size, 3), uint8.

    The head at `centre`, `scale` pixels its half height, is shaded like an ellipsoid (Lambert).
    `light`: its strength (1 as drawn), where it comes from (radians, 0 from the right, clockwise)
    and its hardness (0: from everywhere).
    """
    size = image.width
    strength, source, hard = light
    y, x = np.mgrid[:size, :size].astype(np.float32)
    across, down = (x - centre.real) / scale / 0.9, (y - centre.imag) / scale / 1.1
    far = np.sqrt(across**2 + down**2)
    inside = np.minimum(1, 1 / np.maximum(far, 1e-6))
    out = np.sqrt(np.maximum(0, 1 - (far * inside) ** 2))
    facing = inside * (across * np.cos(source) + down * np.sin(source)) * 0.8 + 0.6 * out
    shade = strength * (1 - hard + hard * 1.5 * np.maximum(0.12, 0.25 + 0.75 * facing))
    tint = np.array([rand.uniform(0.85, 1.15) for _ in range(3)], np.float32)
    noise = np.random.default_rng(rand.getrandbits(64))
    grain = noise.standard_normal((size, size, 3), np.float32) * rand.uniform(1, 7)
    pixels = np.asarray(image, np.float32) * shade[:, :, None].astype(np.float32) * tint + grain
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
