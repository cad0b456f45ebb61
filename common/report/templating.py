"""Jinja2 with everything escaped, and the style and script that go into the page."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from common.report import wording

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_TEXT = 2_000
_FILTERS = (
    "percent",
    "interval",
    "points",
    "number",
    "whole",
    "plain",
    "constraint",
    "level_name",
)


def rendered(template: str, **values: Any) -> Markup:
    """Return the template filled with the values; text is escaped, Markup is not."""
    return Markup(_environment().get_template(template).render(values))


def asset(name: str) -> Markup:
    """Return a style sheet or a script of the templates' folder, as it stands."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shortened,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(wording, name) for name in _FILTERS}
    return environment


def _shortened(value: Any) -> Any:
    """Cut runaway text, so that no single value can outgrow the page."""
    if isinstance(value, str) and not isinstance(value, Markup) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + " …"
    return value
