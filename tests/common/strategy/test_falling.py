import numpy as np
import pytest

from common.strategy.falling import fall, sure_fall

ANNEALED = [0.154, 0.1436, 0.1460, 0.1412, 0.1411]
"""A held-out loss at the end of a cosine decay."""


def test_a_fall_is_that_of_the_last_epochs():
    assert fall([9.0, 1.0, 0.9, 0.85, 0.8]) == pytest.approx(0.2)
    assert sure_fall([9.0, 1.0, 0.9, 0.85, 0.8]) == pytest.approx(0.2)
    assert fall([1.0, 0.9, 0.8]) is None
    assert sure_fall([1.0, 0.9, 0.8]) is None


def test_a_fall_within_the_noise_is_none():
    assert fall(ANNEALED) > 0.01
    assert sure_fall(ANNEALED) == 0.0
    assert sure_fall([0.2, 0.21, 0.2, 0.22]) == 0.0
    assert sure_fall([0.2, 0.2, 0.2, 0.2]) == 0.0


def test_noise_alone_seldom_falls():
    rng = np.random.default_rng(0)
    found = [sure_fall(list(rng.normal(1, 0.1, 4))) for _ in range(1000)]
    assert 0.03 < np.mean([one != 0 for one in found]) < 0.07
