"""Finds the projects on disk: every folder of `projects` that has a room.py."""

import difflib
import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from common.errors import UserError

if TYPE_CHECKING:
    from common.project import Project

PROJECTS = Path(__file__).parent.parent / "projects"


def names() -> list[str]:
    """Return the names of the projects, sorted."""
    return sorted(file.parent.name for file in PROJECTS.glob("*/room.py"))


def room_settings(name: str) -> ModuleType:
    """Return a project's light module: `Settings`, `PRESETS`, `SUMMARY`."""
    _check(name)
    return importlib.import_module(f"projects.{name}.settings")


def room(name: str) -> "Project[Any, Any, Any]":
    """Return a project's record; this loads TensorFlow. Raises UserError for an unknown name."""
    _check(name)
    project: Project[Any, Any, Any] = importlib.import_module(f"projects.{name}.room").PROJECT
    return project


def _check(name: str) -> None:
    if name not in names():
        close = difflib.get_close_matches(name, names(), 1)
        hint = f"perhaps you meant {close[0]}" if close else f"there are {', '.join(names())}"
        raise UserError(f"there is no project {name!r}: {hint}")
