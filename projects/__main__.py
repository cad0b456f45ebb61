"""`python -m projects`: lists the projects; `python -m projects VERB ...` acts on runs and rooms."""

from common.cli import house

if __name__ == "__main__":
    house()
