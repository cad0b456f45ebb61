"""`new`: copies a room, and its tests, under a new name."""

import keyword
import re
import shutil
from pathlib import Path

from common.errors import UserError
from common.rooms import PROJECTS, names

ROOT = PROJECTS.parent
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


def copied_room(source: str, name: str) -> list[str]:
    """Copy project `source` as `name`, add its entry point, and return what to do next, by line.

    Raises UserError for a name that is taken or no module name, and for an unknown source.
    """
    if source not in names():
        raise UserError(f"there is no project {source!r} to copy: there are {', '.join(names())}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UserError(
            f"{name!r} cannot be a project's name: choose lower-case letters, digits and"
            " underscores that are no word of Python's own"
        )
    if (PROJECTS / name).exists():
        raise UserError(f"there is a project {name!r} already: choose another name, or remove it")
    copies = [(PROJECTS / source, PROJECTS / name)]
    tests = ROOT / "tests" / "projects"
    if (tests / source).exists():
        copies.append((tests / source, tests / name))
    for old, fresh in copies:
        shutil.copytree(old, fresh, ignore=SKIPPED)
        _rename(fresh, source, name)
    _add_entry_point(ROOT / "MLproject", source, name)
    return [
        f"copied {source} to projects/{name}: its settings, data, model, evaluation, exports",
        f"train it:  mlflow run . -e {name} --env-manager local",
        f"or:        python -m projects.{name} train demo",
        f"check it:  pytest tests/contract tests/projects/{name}",
        f"make it yours: projects/{name}/settings.py says what it is (SUMMARY, PRESETS), data.py"
        " reads your data, model.py builds your network; its README is still the old one's",
    ]


def _rename(folder: Path, source: str, name: str) -> None:
    """Write `name` for `source` in every text file, also as words, with blanks between them."""
    both = (source, name)
    blanks = tuple(one.replace("_", " ") for one in both)
    words = both, blanks, tuple(one.capitalize() for one in blanks)
    for file in folder.rglob("*"):
        if file.suffix in (".py", ".md", ".toml", ".json"):
            text = file.read_text(encoding="utf-8")
            for old, fresh in words:
                text = text.replace(old, fresh)
            file.write_text(text, encoding="utf-8")


def _add_entry_point(file: Path, source: str, name: str) -> None:
    """Repeat the source's entry point under the new name, at the end."""
    text = file.read_text(encoding="utf-8")
    found = re.search(rf"^  {source}:\n(?:    .*\n)+", text, re.MULTILINE)
    if found:
        entry = found.group().replace(source, name)
        file.write_text(f"{text.rstrip()}\n\n{entry}", encoding="utf-8")
