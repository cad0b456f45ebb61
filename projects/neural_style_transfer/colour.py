"""Colours of one picture given to another: the start of a painting, the baseline to beat.

Pictures are float arrays (h, w, 3), RGB in 0..1.
"""

import numpy as np

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601, as in YIQ."""
LARGEST_GAIN = 4.0
"""A grey picture's hint of a colour is noise: it is not blown up further."""
NOISE = 1e-6
"""Added to variances, so that a flat picture has some."""


def transferred(content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Return the content with the style's mean and covariance of colours, float32 in 0..1.

    The Monge-Kantorovich map, which moves colours least (Pitié and Kokaram 2007).
    """
    pixels, wanted = (one.reshape(-1, 3).astype(np.float64) for one in (content, style))
    a, b = (np.cov(one.T, bias=True) + NOISE * np.eye(3) for one in (pixels, wanted))
    root, inverse = _power(a, 0.5), _power(a, -0.5)
    gains, axes = np.linalg.eigh(inverse @ _power(root @ b @ root, 0.5) @ inverse)
    linear = axes * np.clip(gains, 0, LARGEST_GAIN) @ axes.T
    moved = (pixels - pixels.mean(0)) @ linear + wanted.mean(0)
    return np.clip(moved, 0, 1).reshape(content.shape).astype(np.float32)


def with_colours_of(painted: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Return the luminance of `painted` with the chrominance of `content`, both (h, w, 3).

    Gatys et al. (2017), section 5.1; a colour too strong for its new luminance is made paler, so
    that the luminance is kept. float32 in 0..1.
    """
    light = (painted.astype(np.float64) @ LUMINANCE)[..., None].clip(0, 1)
    colour = content.astype(np.float64) - (content.astype(np.float64) @ LUMINANCE)[..., None]
    room = np.where(colour > 0, 1 - light, light) / np.maximum(np.abs(colour), 1e-12)
    share = np.minimum(room.min(axis=-1, keepdims=True), 1)
    return np.clip(light + share * colour, 0, 1).astype(np.float32)


def _power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    """Return a symmetric positive matrix to a power."""
    values, axes = np.linalg.eigh(matrix)
    return axes * np.maximum(values, NOISE**2) ** exponent @ axes.T
