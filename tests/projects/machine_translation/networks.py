"""Networks that were not trained but have opinions, and sentences for them."""

from typing import Any

import numpy as np

from projects.machine_translation.data import Assets
from projects.machine_translation.model import Translator, build
from projects.machine_translation.settings import Model, Search, Settings
from projects.machine_translation.tokens import characters, subwords

WORDS = ("mai", "Juin", "3", "1979", "le", "jeudi", "12", "août")
SEARCH = Search(beam=3, n_best=2)


def sentences(number: int, seed: int = 0) -> list[str]:
    """A few words each."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(1, 6))) for _ in range(number)]


def assets(kind: str = "characters", lowercase: bool = False) -> Assets:
    """Of 19 source and 7 target pieces at most, and END."""
    texts = sentences(200)
    make: Any = characters if kind == "characters" else lambda t, lower: subwords(t, 60, lower)
    return Assets(
        source=make(texts, lowercase),
        target=make(["1979-05-03", "2001-12-31", "4-6-7-8"] * 40, lowercase),
        source_length=20,
        target_length=8,
        frequent=(),
        common_target="",
    )


def network(learned: Assets, name: str = "bahdanau") -> Translator:
    """A small one with random weights, large enough for opinions."""
    chosen = Model(name=name, width=12, embedding=8, layers=1)  # type: ignore[arg-type]
    model = build(learned, Settings(model=chosen))
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.8 * rng.standard_normal(w.shape) for w in model.get_weights()])
    return model
