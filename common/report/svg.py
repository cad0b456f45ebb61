"""Matplotlib figures as small inline SVG in the page's own colours and type."""

import io
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

# Stand-ins that matplotlib draws with; each becomes a variable of the page's style sheet, so a
# chart follows light, dark and print without being drawn twice.
INK, SOFT, LINE, PAPER, ACCENT, MUTED = (f"#0000f{digit}" for digit in range(1, 7))
_VARIABLES = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    LINE: "var(--line)",
    PAPER: "var(--bg)",
    ACCENT: "var(--accent)",
    MUTED: "var(--muted)",
}
_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "text.parse_math": False,
    "font.size": 12,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 1,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 11,
}


def styled() -> Any:
    """Return a context in which figures take the report's style."""
    return matplotlib.rc_context(_STYLE)


def figure(width: int, height: int) -> Figure:
    """Return an empty figure of so many CSS pixels (SVG counts 72 to the inch)."""
    return Figure(figsize=(width / 72, height / 72))


def inline(drawn: Figure, name: str, label: str) -> Markup:
    """Return the figure as an <svg> element.

    `name` keeps the ids of several charts apart; `label` says in words what is to be seen.
    """
    buffer = io.StringIO()
    drawn.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(buffer.getvalue())
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    _keep_used_ids(root, name)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib |= {"role": "img", "aria-label": label}
    text = ElementTree.tostring(root, encoding="unicode")
    return Markup(_themed(text))


def _keep_used_ids(root: ElementTree.Element, name: str) -> None:
    """Drop the ids nothing points at, and put the chart's name before the others."""
    text = ElementTree.tostring(root, encoding="unicode")
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    for element in root.iter():
        identity = element.attrib.pop("id", None)
        if identity in used:
            element.set("id", f"{name}-{identity}")
        for key, value in element.attrib.items():
            if key == _LINK:
                element.set(key, value.replace("#", f"#{name}-", 1))
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))


def _themed(text: str) -> str:
    for stand_in, variable in _VARIABLES.items():
        text = text.replace(stand_in, variable)
    text = re.sub(r"font-family:[^;\"]*;?\s*", "", text)
    return re.sub(r">\s+<", "><", text)
