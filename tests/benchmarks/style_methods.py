"""Adam against L-BFGS at equal seconds, on all pairs of the contents and styles in a folder.

    python tests/benchmarks/style_methods.py FOLDER SQUEEZENET.h5 [SECONDS] [SIZE]

FOLDER holds content_*.jpg and style_*.jpg; SIZE (256) is their longer side, the only scale; both
start from the colour-transferred content. SECONDS (20) begin after the first step, in which
everything is traced. The methods take turns, and which comes first changes. The total is the
lowest so far; ratio and edges are as in style_grid.py, of the picture with the lowest total.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from common import runtime
from common.errors import UserError

runtime.quiet()
runtime.load_tensorflow()

from style_grid import originals, scores, shown  # noqa: E402

from projects.neural_style_transfer.features import feature_network  # noqa: E402
from projects.neural_style_transfer.optimise import painted  # noqa: E402
from projects.neural_style_transfer.settings import Optimising  # noqa: E402

METHODS = ("adam", "lbfgs")
SHARES = (0.25, 0.5, 1.0)


class Clock:
    """Stops an optimisation when its seconds are over; keeps what was reached by then."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.begun = seconds, 0.0
        self.reached: list[tuple[float, float]] = []
        """Seconds since the first step's end, and the lowest total by then."""
        self.picture: Any = None
        self.is_over = False

    def __call__(self, state: Any) -> None:
        """Note how far it has come."""
        now = time.perf_counter()
        self.begun = self.begun or now
        self.is_over = now - self.begun > self.seconds
        if self.is_over:
            raise KeyboardInterrupt  # as a person would end it
        lowest = min(state.history[-1]["total"], self.total(1.0))
        self.reached.append((now - self.begun, lowest))
        self.picture = state.picture

    def total(self, share: float) -> float:
        """Return the lowest total in this share of the seconds."""
        until = share * self.seconds
        return min((total for at, total in self.reached if at <= until), default=float("inf"))


def main(folder: str, squeezenet: str, seconds: float = 20, size: float = 256) -> None:
    """Print both methods' results on every pair, their medians, and how often which is better."""
    contents, styles = (originals(Path(folder), kind, int(size)) for kind in ("content", "style"))
    pairs = [(one, other) for one in contents for other in styles]
    network, found = feature_network(f"file:{squeezenet}"), []
    print(f"all {len(pairs)} pairs, {size:.0f} px, {seconds:g} seconds each")
    for number, (content, style) in enumerate(pairs):
        given = contents[content], styles[style]
        for method in METHODS if number % 2 == 0 else METHODS[::-1]:
            how, clock = Optimising(method=method, steps=10**6, scales=1), Clock(seconds)
            result = painted(*given, network=network, how=how, tell=clock)
            if result.stopped == "by hand" and not clock.is_over:
                raise KeyboardInterrupt
            who = {"content": content, "style": style, "method": method}
            totals = {f"at {share:.0%}": clock.total(share) for share in SHARES}
            steps = {"steps": len(clock.reached) - 1}
            found.append(who | steps | totals | scores(clock.picture, *given))
            print(shown(pd.DataFrame(found[-1:]), header=len(found) == 1), flush=True)
            if not clock.is_over:
                print(f"ended before its time: {result.stopped or 'nothing was left to gain'}")
    table = pd.DataFrame(found)
    print("medians:")
    print(shown(table.drop(columns=["content", "style"]).groupby("method").median().reset_index()))
    print(wins(table))


def wins(table: pd.DataFrame) -> str:
    """Return on how many pairs each method is the better one, in each column."""
    lines = []
    for name in (*(f"at {share:.0%}" for share in SHARES), "ratio", "edges"):
        both = table.pivot(index=["content", "style"], columns="method", values=name)
        best: Callable[..., Any] = both.idxmax if name == "edges" else both.idxmin
        counts = best(axis=1).value_counts()
        shown_counts = ", ".join(f"{method} {counts.get(method, 0)}" for method in METHODS)
        lines.append(f"better {name:<8} {shown_counts} of {len(both)} pairs")
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4, 5):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:3], *(float(word) for word in sys.argv[3:]))
    except UserError as problem:
        sys.exit(f"error: {problem}")
