"""Optimised pictures for the report: contents x styles, and a contact sheet; made once and kept."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.progress import track

from common.files import write_json, written
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.data import OPTIMISED, SHEET
from projects.neural_style_transfer.features import Network, feature_network
from projects.neural_style_transfer.named_pictures import content_picture, style_picture
from projects.neural_style_transfer.optimise import painted, scale_sizes
from projects.neural_style_transfer.pictures import written as picture_written
from projects.neural_style_transfer.scores import edge_correlation, sliced_wasserstein
from projects.neural_style_transfer.settings import Optimising, Settings

STRENGTHS = (0.1, 0.4, 0.7, 0.95)
SCALES = (1, 2)
"""What the contact sheet shows, as far as its pictures have room for so many scales."""


@dataclass(frozen=True)
class Wanted:
    """One picture to be optimised."""

    unit: str
    content: str
    style: str
    size: int
    features: str
    optimising: Optimising

    def key(self) -> str:
        """Return 16 hexadecimal digits of all that the picture depends on."""
        known = {**asdict(self), "optimising": self.optimising.model_dump()}
        for name in ("content", "style", "features"):
            file = Path(known[name].removeprefix("file:")).expanduser()
            known[name + " file"] = file.stat().st_mtime_ns if file.is_file() else 0
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]


def optimised(settings: Settings, cache: Path) -> pd.DataFrame:
    """Return a row per picture of the grid and of the contact sheet, scored.

    Columns: example_id, label (the style), group (the content) and group_2 (the style:
    pictures in one style fare alike), unit, split, distance, edges,
    untouched, and `grid.*`: content, style, strength, scales, file, original, history (files),
    seconds, stopped. What was made before with the same settings is found again in `cache`.
    """
    todo = list(_wanted(settings))
    network: Network | None = None
    rows = []
    fresh = sum(not _place(one, cache).exists() for one in todo)
    for one in track(todo, "optimising pictures", transient=True, disable=not fresh):
        if not _place(one, cache).exists():
            network = network or feature_network(one.features)
            _make(one, network, _place(one, cache))
        rows.append(_row(one, _place(one, cache)))
    return pd.DataFrame(rows)


def _wanted(settings: Settings) -> Iterator[Wanted]:
    grid, features = settings.grid, settings.model.features
    for content in grid.contents:
        for style in grid.styles:
            yield Wanted(OPTIMISED, content, style, grid.size, features, grid.optimising)
    content, style = grid.contents[0], grid.styles[0]
    size = content_picture(content, grid.sheet_size).shape[:2]
    room = [scales for scales in SCALES if len(scale_sizes(size, scales)) == scales]
    for strength in STRENGTHS:
        for scales in room:
            how = grid.optimising.model_copy(update={"strength": strength, "scales": scales})
            yield Wanted(SHEET, content, style, grid.sheet_size, features, how)


def _place(one: Wanted, cache: Path) -> Path:
    return cache / f"optimised-{one.key()}"


def _make(one: Wanted, network: Network, place: Path) -> None:
    content = content_picture(one.content, one.size)
    style = style_picture(one.style, one.size)
    result = painted(content, style, network=network, how=one.optimising)
    if result.stopped == "by hand":
        raise KeyboardInterrupt
    start = transferred(content, style)
    with written(place) as beside:
        beside.mkdir(parents=True)
        for name, picture in (("painted", result.picture), ("content", content), ("style", style)):
            picture_written(picture, beside / f"{name}.png")
        result.history.to_parquet(beside / "history.parquet")
        write_json(
            beside / "scores.json",
            {
                "distance": sliced_wasserstein(result.picture, style),
                "untouched": sliced_wasserstein(start, style),
                "edges": edge_correlation(result.picture, content),
                "grid.seconds": float(result.history["seconds"].iloc[-1]),
                "grid.stopped": result.stopped,
            },
        )


def _row(one: Wanted, place: Path) -> dict[str, Any]:
    how = one.optimising
    name = f"{_stem(one.content)} x {_stem(one.style)}"
    detail = f" {how.strength:g} {how.scales}" if one.unit == SHEET else ""
    return {
        "example_id": name + detail,
        "label": _stem(one.style),
        "group": _stem(one.content),
        "group_2": f"style {_stem(one.style)}",
        "content": f"optimised:{place.name}",
        "split": "dev",
        "distribution": "general",
        "unit": one.unit,
        "grid.content": _stem(one.content),
        "grid.style": _stem(one.style),
        "grid.strength": how.strength,
        "grid.scales": how.scales,
        "grid.file": str(place / "painted.png"),
        "grid.original": str(place / "content.png"),
        "grid.style_file": str(place / "style.png"),
        "grid.history": str(place / "history.parquet"),
        **json.loads((place / "scores.json").read_text(encoding="utf-8")),
    }


def _stem(spec: str) -> str:
    return Path(spec.removeprefix("file:")).stem
