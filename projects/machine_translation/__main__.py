"""`python -m projects.machine_translation`: train, check, translate."""

from common.cli import project
from projects.machine_translation import commands

if __name__ == "__main__":
    project(__package__, commands.VERBS)
