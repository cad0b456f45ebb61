"""How long answers take: one time an input, without those that warm up."""

import time

from common.export.timing import WARM_UP, milliseconds


def test_each_answer_after_the_first_few_has_its_time() -> None:
    waits = [0.0] * WARM_UP + [0.03, 0.0]
    heard: list[float] = []

    def answer(seconds: float) -> None:
        heard.append(seconds)
        time.sleep(seconds)

    slow, fast = milliseconds(answer, waits)
    assert heard == waits
    assert slow >= 30
    assert fast > 0


def test_too_few_inputs_have_no_time() -> None:
    assert milliseconds(lambda one: one, range(WARM_UP)) == []
