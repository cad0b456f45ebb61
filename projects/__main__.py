"""`python -m projects` lists the projects; with a verb it acts on runs and rooms."""

from common.cli import house

if __name__ == "__main__":
    house()
