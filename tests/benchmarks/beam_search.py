"""Beam search in the graph, batched and one sentence at a time, against a loop per hypothesis.

    python tests/benchmarks/beam_search.py [SENTENCES] [SENTENCES_FOR_THE_LOOP]

The course's network with attention, not trained: 8,000 pieces, 256 units, a beam of 10, and 30
steps, as the end is made improbable. All three ways must find the same translations.
"""

import sys
import time
from collections.abc import Callable

from common import runtime

runtime.quiet()
runtime.load_tensorflow()

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from projects.machine_translation.model import Translator  # noqa: E402
from projects.machine_translation.parts import Recipe  # noqa: E402
from projects.machine_translation.settings import Model, Search  # noqa: E402
from projects.machine_translation.tokens import BEGIN, END  # noqa: E402
from projects.machine_translation.translating import BATCH, searched  # noqa: E402

PIECES, STEPS, LENGTH = 8000, 30, 20
SEARCH = Search(beam=10, alpha=0.7, n_best=1)
Source = NDArray[np.int32]
Found = list[list[int]]


def network() -> Translator:
    """Return the network, with an end that hardly ever comes."""
    recipe = Recipe(
        source_pieces=PIECES, target_pieces=PIECES, model=Model(width=256, embedding=256)
    )
    model = Translator(recipe.model_dump())
    rng = np.random.default_rng(0)
    model.logits.kernel.assign(0.3 * rng.standard_normal(model.logits.kernel.shape))
    model.logits.bias.assign(np.where(np.arange(PIECES) == END, -100.0, 0.0))
    return model


def in_graph(model: Translator, at_once: int) -> Callable[[Source], Found]:
    """Return the search of this repository, for so many sentences at once."""
    spec = tf.TensorSpec([None, None], tf.int32)
    find = tf.function(lambda ids: searched(model, ids, SEARCH, STEPS), input_signature=[spec])

    def search(source: Source) -> Found:
        parts = [source[i : i + at_once] for i in range(0, len(source), at_once)]
        return [row for part in parts for row in find(part).tokens[:, 0].numpy().tolist()]

    return search


def in_python(model: Translator) -> Callable[[Source], Found]:
    """Return a search as it is often written: a list of hypotheses, a step for each of them."""

    def search(source: Source) -> Found:
        return [translation(row) for row in source]

    def translation(row: Source) -> list[int]:
        memory = model.encode(tf.constant(row[None]))
        live = [([BEGIN], 0.0, model.start(memory))]
        ended: list[tuple[list[int], float]] = []
        while live and len(live[0][0]) <= STEPS:
            grown = []
            for tokens, total, state in live:
                logs, after, _ = model.step(tf.constant(tokens[-1:]), state, memory)
                logs = logs.numpy()[0, END:]
                for best in np.argsort(-logs)[: SEARCH.beam]:
                    grown.append(([*tokens, int(best) + END], total + float(logs[best]), after))
            grown.sort(key=lambda one: -one[1])
            kept = grown[: SEARCH.beam - len(ended)]
            ended += [(tokens, total) for tokens, total, _ in kept if tokens[-1] == END]
            live = [one for one in kept if one[0][-1] != END]
        found = [*ended, *((tokens, total) for tokens, total, _ in live)]
        best, _ = max(found, key=lambda one: one[1] / (len(one[0]) - 1) ** SEARCH.alpha)
        return best[1:]

    return search


def main(number: int, few: int) -> None:
    """Print the sentences per second of all three, and how they compare."""
    model, rng = network(), np.random.default_rng(1)
    source = rng.integers(END + 1, PIECES, (number, LENGTH), dtype=np.int32)
    ways = {
        f"graph, batches of {BATCH}": (in_graph(model, BATCH), number),
        "graph, one sentence": (in_graph(model, 1), max(few, number // 4)),
        "Python, one hypothesis": (in_python(model), few),
    }
    found, speed = {}, {}
    for name, (search, count) in ways.items():
        search(source[:1])  # warm-up: tracing
        started = time.perf_counter()
        found[name] = search(source[:count])
        speed[name] = count / (time.perf_counter() - started)
        print(f"{name:24} {speed[name]:8.2f} sentences/s ({count} sentences)", flush=True)
    first, *others = found
    for name in others:
        same = sum(a == b for a, b in zip(found[first], found[name], strict=False))
        ratio = speed[first] / speed[name]
        print(f"{first}: {ratio:.1f} times {name}; {same} of {len(found[name])} alike")


if __name__ == "__main__":
    chosen = [int(word) for word in sys.argv[1:3]]
    main(*(chosen if len(chosen) == 2 else (256, 8)))
