"""What folders of a user's data are called, and which files are none of the data."""

from pathlib import Path

DIVISIONS = {
    "train": "train", "training": "train", "val": "dev", "valid": "dev", "validation": "dev",
    "dev": "dev", "test": "test",
}  # fmt: skip
"""Folder names that mean a division -> split."""


def is_hidden(file: Path) -> bool:
    """Return whether a file, or a folder on its path, is hidden or an editor's leftover."""
    names = (".", "__MACOSX", "Thumbs.db", "desktop.ini")
    return any(part.startswith(names) and part not in (".", "..") for part in file.parts)
