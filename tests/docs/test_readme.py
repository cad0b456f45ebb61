"""What the pages tell people to type exists, and the cheap part of it is typed here."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from common import rooms

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
ROOMS = rooms.names()
NEW = "leaf_doctor"
"""The room that the pages copy from another one."""
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(ROOT / "projects").glob("*/README.md")]
)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENTRIES = yaml.safe_load((ROOT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
PROGRAMS = ("python", "mlflow", "pip", "pytest", "ruff", "mypy", "pre-commit")
SHARED_VERBS = ("train", "check")


def blocks(page: Path) -> list[str]:
    """The page's fenced blocks, lines that end in a backslash joined."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(page: Path) -> Iterator[list[str]]:
    """The commands of the page's blocks, as words, without comments."""
    for block in blocks(page):
        for line in block.splitlines():
            for part in re.split(r" && |; (?:do )?", line.removeprefix("$ ")):
                if part.strip().split(" ")[0] in PROGRAMS:
                    yield shlex.split(part, comments=True)


COMMANDS = [(page, words) for page in PAGES for words in commands(page)]


@cache
def fields(room: str) -> frozenset[str]:
    def inside(group: type[BaseModel], before: str) -> Iterator[str]:
        for name, field in group.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from inside(kind, f"{before}{name}.")
            else:
                yield f"{before}{name}"

    return frozenset(inside(rooms.room_settings(room).Settings, ""))


@cache
def verbs(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", program, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def complaint(words: list[str]) -> str:
    """What is wrong with a command, or nothing."""
    words = [ROOMS[0] if word == NEW else word.replace(f".{NEW}", f".{ROOMS[0]}") for word in words]
    match words:
        case ["python", "-m", "projects"]:
            return ""
        case ["python", "-m", "projects", verb, *_]:
            return "" if re.search(rf"\b{verb}\b", verbs("projects")) else f"no verb {verb}"
        case ["python", "-m", module, verb, *rest] if module.startswith("projects."):
            return _room_command(module.removeprefix("projects."), verb, rest)
        case ["python", path, *_] | ["python", "-m", "pytest", path, *_]:
            return "" if (ROOT / path).exists() else f"no {path}"
        case ["mlflow", "run", _, *rest]:
            return _mlflow_run(rest)
        case ["mlflow", "models", "serve", "-m", uri, *_]:
            return "" if uri.split("/")[1].split("@")[0] in ROOMS else f"no model {uri}"
        case ["mlflow", "ui", *_] | ["pre-commit", "install"] | ["mypy"]:
            return ""
        case ["ruff", "check" | "format", *_]:
            return ""
        case ["pip", "install", *rest]:
            extras = {one for word in rest for one in re.findall(r"[a-z]+", word.partition("[")[2])}
            unknown = extras - set(PYPROJECT["optional-dependencies"])
            return f"no extra {unknown}" if unknown else ""
        case ["pytest", *paths]:
            paths = [p.replace(NEW, ROOMS[0]) for p in paths if "/" in p and not p.startswith("-")]
            missing = [path for path in paths if not (ROOT / path).exists()]
            return f"no {missing}" if missing else ""
    return "is nothing that this test knows"


def _room_command(room: str, verb: str, rest: list[str]) -> str:
    if room not in (*ROOMS, "NAME"):
        return f"no room {room}"
    room = ROOMS[0] if room == "NAME" else room
    if verb not in SHARED_VERBS:
        return "" if re.search(rf"\b{verb}\b", verbs(f"projects.{room}")) else f"no verb {verb}"
    if rest[0] not in rooms.room_settings(room).PRESETS and rest[0] != "PRESET":
        return f"no preset {rest[0]}"
    named = {word.removeprefix("--").split("=")[0] for word in rest if word.startswith("--")}
    unknown = {name.replace("-", "_") for name in named - {"help"}} - fields(room)
    return f"no field {unknown}" if unknown else ""


def _mlflow_run(rest: list[str]) -> str:
    entry = rest[rest.index("-e") + 1] if "-e" in rest else "main"
    if entry not in ENTRIES and entry not in (NEW, "NAME"):
        return f"no entry point {entry}"
    room = entry if entry in ROOMS else ROOMS[0]
    given = dict(rest[i + 1].split("=", 1) for i, word in enumerate(rest) if word == "-P")
    preset = given.pop("preset", "demo")
    if preset not in rooms.room_settings(room).PRESETS:
        return f"no preset {preset}"
    declared = set(ENTRIES.get(entry, {"parameters": {}})["parameters"])
    unknown = set(given) - fields(room) - declared
    return f"no field {unknown}" if unknown else ""


def test_every_command_of_the_pages_exists() -> None:
    assert len(COMMANDS) > 15
    wrong = {f"{p.name}: {' '.join(w)}": complaint(w) for p, w in COMMANDS if complaint(w)}
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        "python -m projects fly",
        "python -m projects.zoo train demo",
        f"python -m projects.{ROOMS[0]} fly PHOTO",
        f"python -m projects.{ROOMS[0]} train demi",
        f"python -m projects.{ROOMS[0]} train demo --fit.epohcs 2",
        "mlflow run . -e zoo",
        "mlflow run . -P preset=demi",
        "mlflow run . -P preset=smoke -P fit.epohcs=2",
        "mlflow models serve -m models:/zoo@champion",
        "pip install -e '.[tests]'",
        "pytest tests/contracts",
        "python docs/measure.py",
        "mlflow fly",
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    assert complaint(shlex.split(line)) != ""


def test_the_readme_has_the_two_commands_and_every_verb() -> None:
    ours = [" ".join(words) for page, words in COMMANDS if page == ROOT / "README.md"]
    assert ours[:2] == ["pip install -e .", "mlflow run . --env-manager local"]
    assert ours[2:4] == ["pip install -e .[test]", "pytest"]
    for verb in ("new", "resume", "reveal_test"):
        assert any(command.startswith(f"python -m projects {verb}") for command in ours)
    for verb in ("train", "check", "predict"):
        assert any(re.match(rf"python -m projects\.\w+ {verb}", command) for command in ours)


def test_the_readme_lists_every_project_and_links_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for room in ROOMS:
        assert f"| [{room}](projects/{room}/README.md) |" in readme or room not in tracked_rooms()


def tracked_rooms() -> set[str]:
    """Rooms of the repository; a copy that somebody is working on need not be in its README."""
    listed = subprocess.run(
        ["git", "ls-files", "projects/*/room.py"], cwd=ROOT, capture_output=True, text=True
    )
    return {Path(line).parent.name for line in listed.stdout.splitlines()} or set(ROOMS)


def test_what_is_cheap_is_typed(command: Command, tmp_path: Path) -> None:
    """Verbs of the README that need neither training nor a run, word by word."""
    typed = 0
    for page, words in COMMANDS:
        cheap = words == ["python", "-m", "projects"] or words[-1] == "--help"
        if page == ROOT / "README.md" and cheap:
            done = command(*words[1:], cwd=tmp_path)
            assert (done.returncode, done.stderr) == (0, ""), words
            assert len(done.stdout) > 100
            typed += 1
    assert typed >= 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    inline = re.findall(r"\]\(([^)\s]+)\)", text)
    references = re.findall(r"^\[[^\]]+\]: (\S+)$", text, re.MULTILINE)
    dead = []
    for link in [*inline, *references]:
        place, _, anchor = link.partition("#")
        if re.match(r"https?:|mailto:", place):
            continue
        target = page.parent / place if place else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def anchors(page: Path) -> set[str]:
    """The anchors GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
