"""`stylize` in a folder of small pictures: how it is called and stopped."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from projects.neural_style_transfer.following import Following
from projects.neural_style_transfer.settings import Optimising
from projects.neural_style_transfer.state import State
from projects.neural_style_transfer.stylize import Asked, stylized

ASKED = Asked(size=32, features="random", how=Optimising(steps=4, scales=1))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a picture of each kind."""
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    coloured = Image.fromarray(noise).resize((64, 48), Image.Resampling.BICUBIC)
    coloured.save("content.png")
    coloured.transpose(Image.Transpose.ROTATE_180).save("style.jpg")
    coloured.convert("L").save("grey.png")
    transparent = coloured.convert("RGBA")
    transparent.putalpha(90)
    transparent.save("clear.png")
    coloured.resize((8, 8)).save("tiny.png")
    coloured.resize((300, 30)).save("long.png")
    Path("text.jpg").write_text("no picture")
    Path("cut.png").write_bytes(Path("content.png").read_bytes()[:400])
    Path("huge.png").write_bytes(png_header(20000, 20000))
    return tmp_path


def png_header(width: int, height: int) -> bytes:
    """Return a PNG file that announces so many pixels, and holds none."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + body + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


def run(
    content: str, style: str, output: str, *, resume: bool = False, size: int = 32, **how: object
) -> None:
    chosen = ASKED.how.model_copy(update=how)
    asked = ASKED.model_copy(update={"how": chosen, "size": size})
    stylized(Path(content), style, Path(output), asked, resume)


def stopping(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Press Ctrl-C after so many steps."""
    follow = Following.__call__

    def called(self: Following, state: State) -> None:
        follow(self, state)
        if state.step == step:
            raise KeyboardInterrupt

    monkeypatch.setattr(Following, "__call__", called)
