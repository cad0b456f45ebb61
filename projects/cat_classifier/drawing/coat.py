"""Fur: colours and patterns that every animal, and every object, may have."""

from random import Random

import numpy as np
from PIL import Image

from projects.cat_classifier.drawing.pen import Colour, Pen, ellipse, mixed, ribbon, shaded

COATS: dict[str, tuple[Colour, Colour]] = {
    "black": ((48, 45, 50), (98, 92, 98)),
    "grey": ((134, 136, 142), (78, 80, 88)),
    "white": ((236, 232, 224), (192, 178, 160)),
    "ginger": ((222, 142, 74), (168, 88, 38)),
    "cream": ((232, 208, 168), (188, 144, 98)),
    "brown": ((142, 102, 70), (80, 56, 42)),
    "chocolate": ((90, 62, 50), (146, 106, 84)),
    "blue": ((104, 120, 138), (66, 76, 94)),
}
PATTERNS = ("solid", "tabby", "patches", "masked", "bib", "spotted")
WHITE: Colour = (244, 240, 234)
DARK: Colour = (34, 28, 30)
PINK: Colour = (222, 150, 148)


class Coat:
    """The fur of one animal: its colours, and its pattern painted on a texture."""

    def __init__(self, colour: str, pattern: str, rand: Random) -> None:
        base, mark = COATS[colour]
        tint = rand.uniform(0.88, 1.12)
        self.base, self.mark, self.pattern = shaded(base, tint), shaded(mark, tint), pattern
        self.second = mixed(COATS[rand.choice(list(COATS))][0], WHITE, 0.2)
        self.pale = mixed(self.base, WHITE, 0.85 if pattern == "bib" else rand.uniform(0.1, 0.6))
        self.tip = self.mark if pattern in ("masked", "tabby") else self.base
        self.edge = shaded(self.base, 0.62)
        self._rand = rand

    def texture(self, pen: Pen, factor: float = 1.0, head: bool = False) -> Image.Image:
        """A picture as large as the pen's, covered with this fur as its frame has it."""
        image = Image.new("RGB", pen.image.size, shaded(self.base, factor))
        brush, rand, mark = pen.on(image), self._rand, shaded(self.mark, factor)
        if self.pattern == "tabby":
            for path in _forehead_stripes() if head else _flank_stripes(rand):
                brush.fill(ribbon(path, 0.02, 0.06, 0.015), mark)
        elif self.pattern == "patches":
            for _ in range(4):
                where = complex(rand.uniform(-1, 1), rand.uniform(-1, 1))
                patch = rand.choice((mark, shaded(self.second, factor)))
                brush.fill(ellipse(where, rand.uniform(0.2, 0.5), rand.uniform(0.2, 0.5)), patch)
        elif self.pattern == "spotted":
            for _ in range(26):
                where = complex(rand.uniform(-1, 1), rand.uniform(-1, 1))
                brush.fill(ellipse(where, 0.075, 0.055, rand.uniform(0, 3)), mark)
        elif self.pattern == "masked" and head:
            brush.fill(ellipse(0.25j, 0.62, 0.7), mark)
        elif self.pattern == "bib":
            brush.fill(ellipse(0.85j if head else 0.42j, 0.42, 0.42), self.pale)
        return image


def _forehead_stripes() -> list[list[complex]]:
    middle = [[x * 0.7 - 0.95j, x * 0.55 - 0.42j] for x in (-0.45, 0.0, 0.45)]
    cheeks = [
        [s * 1.0 + y * 1j, s * 0.78 + (y + 0.07) * 1j, s * 0.55 + (y + 0.03) * 1j]
        for s in (-1, 1)
        for y in (0.12, 0.36)
    ]
    return middle + cheeks


def _flank_stripes(rand: Random) -> list[list[complex]]:
    bend = rand.uniform(-0.12, 0.12)
    return [
        [x - 0.9j, x + bend - 0.3j, x - bend + 0.2j, x + 0.95j]
        for x in np.arange(-0.95, 1.0, rand.uniform(0.15, 0.22)).tolist()
    ]
