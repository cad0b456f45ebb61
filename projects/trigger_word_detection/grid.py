"""The grid in time that clips, labels, features and scores share. Imports nothing."""

RATE = 16_000
"""Samples per second of everything inside the room."""
HOP, WINDOW = 160, 400
"""Samples between spectra (10 ms), and under each (25 ms)."""
FRAMES = 4
"""Spectra behind one score."""
STEP = HOP * FRAMES
"""Samples to a score: 40 ms."""
STEPS_PER_SECOND = RATE / STEP
CLIP_SECONDS = 10
CLIP = RATE * CLIP_SECONDS
"""Samples of a training clip, as long as the course's."""
STEPS = CLIP // STEP
"""Scores of a clip."""
LABEL_STEPS = 9
"""Steps labelled 1 after a word's end: 0.36 s, as in the course."""
