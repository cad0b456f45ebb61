"""`python -m projects.trigger_word_detection VERB ...`."""

from common.cli import project
from projects.trigger_word_detection import commands

if __name__ == "__main__":
    project(__package__, commands.VERBS)
