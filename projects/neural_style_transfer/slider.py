"""A slider between a content and what was painted of it, in CSS alone."""

from markupsafe import Markup

from common.report.parts import picture
from projects.neural_style_transfer.shown import Picture

NARROWEST, WIDTH = 240, 400
"""Pixels across: a picture is shown up to twice as large as it is, within these."""

# The page allows no script but its own, so the slider is a box that scrolls sideways, twice as
# wide inside as outside: both pictures stick to its left side, and the edge up to which the upper
# one is shown moves with what scrolls. Arrow keys, wheel, touch and the bar below all move it. It
# begins in the middle: for a moment, the edge is what the box snaps to.
CSS = Markup(
    "<style>.slider{display:grid;grid-template-columns:200%;overflow:scroll hidden;"
    "scroll-snap-type:x mandatory;scrollbar-color:var(--accent) var(--line);border-radius:6px}"
    ".slider>*{grid-area:1/1;min-width:0}"
    ".slider img{position:sticky;left:0;display:block;width:50%;height:auto}"
    ".slider .upper{clip-path:inset(0 50% 0 0)}"
    ".slider .edge{z-index:0;justify-self:center;width:3px;background:var(--accent);"
    "animation:slider-begin .5s}"
    "@keyframes slider-begin{from,to{scroll-snap-align:center}}"
    ".sliders{display:flex;flex-wrap:wrap;gap:20px 32px;align-items:start}"
    ".sliders figure{flex:0 1 auto;width:100%}"
    "@media print{.slider{overflow:visible;grid-template-columns:1fr 1fr;gap:4px}"
    ".slider>*{grid-area:auto}.slider img{width:100%}.slider .upper{clip-path:none;order:-1}"
    ".slider .edge{display:none}}</style>"
)


def slider(content: Picture, painted: Picture, title: str, told: str) -> Markup:
    """Return the content, left of an edge that is moved, and the painted picture right of it.

    Pictures are uint8 (h, w, 3) of the same shape. `title` and `told` are what is under it. `CSS`
    must be on the page once.
    """
    widest = max(NARROWEST, min(WIDTH, 2 * content.shape[1]))
    return Markup(
        '<figure style="max-width:{}px"><div class="slider" style="max-width:{}px" tabindex="0"'
        ' role="region"'
        ' aria-label="{}: arrow keys move the edge between content and painted picture">'
        '<div>{}</div><div class="upper">{}</div><div class="edge"></div></div>'
        "<figcaption><b>{}</b> <span>{}</span></figcaption></figure>"
    ).format(
        WIDTH,
        widest,
        title,
        picture(painted, f"{title}, painted", WIDTH),
        picture(content, f"{title}, the content", WIDTH),
        title,
        told,
    )
