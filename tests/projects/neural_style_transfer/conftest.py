"""The folder of small pictures that `stylize` is tried in."""

from tests.projects.neural_style_transfer.stylizing import here as here
