"""`python -m projects.neural_style_transfer VERB ...`."""

from common.cli import project
from projects.neural_style_transfer import commands

if __name__ == "__main__":
    project(__package__, commands.VERBS)
