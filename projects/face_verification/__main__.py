"""`python -m projects.face_verification VERB ...`."""

from common.cli import project
from projects.face_verification import commands

if __name__ == "__main__":
    project(__package__, commands.VERBS)
