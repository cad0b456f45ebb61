"""`python -m projects.cat_classifier VERB ...`."""

from common.cli import project
from projects.cat_classifier import commands

if __name__ == "__main__":
    project(__package__, commands.VERBS)
