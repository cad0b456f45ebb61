"""docs/course.md points at what is there: every file, every name, every setting."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from projects.cat_classifier.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "course.md"
WEEKS = {1: 4, 2: 3, 3: 2, 4: 4, 5: 4}
LINK = r"\[([\w/.]+)\]"
WHERE = re.compile(
    rf"((Keras|TensorFlow) does it; called in |in part: )?{LINK}(, {LINK})*"
    r"|not here|not here yet: [a-z -]+"
)
SETTING = re.compile(r"(\w+)\.(\w+)=(\S+)")
TO_COME = {
    "face verification",
    "neural style transfer",
    "machine translation",
}


class Row(NamedTuple):
    course: int
    lecture: str
    where: str
    what: str

    @property
    def number(self) -> str:
        return self.lecture.split()[0]

    @property
    def label(self) -> str:
        return f"course {self.course}, {self.lecture}"

    @property
    def files(self) -> list[str]:
        return re.findall(LINK, self.where)

    @property
    def marked(self) -> list[str]:
        """What stands in backticks: names and settings."""
        return re.findall(r"`([^`]+)`", self.what)


def rows(page: str) -> list[Row]:
    found, course = [], 0
    for line in page.splitlines():
        if heading := re.match(r"## Course (\d): ", line):
            course = int(heading[1])
        elif line.startswith("| ") and not line.startswith("| lecture |"):
            found.append(Row(course, *(cell.strip() for cell in line.strip("|").split("|"))))
    return found


TEXT = PAGE.read_text(encoding="utf-8")
ROWS = rows(TEXT)


@cache
def names(file: str) -> frozenset[str]:
    """Names a file defines at its top, Class.member, and the dotted names it uses."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    members = {
        f"{node.name}.{name}"
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for name in defined(node.body)
    }
    return frozenset({*used, *members, *defined(tree.body)})


def defined(body: list[ast.stmt]) -> set[str]:
    found = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_a_name_is_known_where_it_is_defined_or_used_in_full():
    known = names("common/training/callbacks.py")
    assert {"BestWeights", "BestWeights.use_best", "LearningRate.stalled_epochs", "Row"} <= known
    assert "keras.callbacks.Callback" in known
    assert not {"use_best", "Callback", "callbacks.Callback", "math", "decayed_rate"} & known


def test_the_page_has_every_lecture_once_and_in_order():
    assert len(ROWS) >= 185
    for course, weeks in WEEKS.items():
        ours = [row.number for row in ROWS if row.course == course]
        expected = [
            f"{week}.{place}"
            for week in range(1, weeks + 1)
            for place in range(1, 1 + max(2, sum(n.startswith(f"{week}.") for n in ours)))
        ]
        assert ours == expected, f"course {course}: a week or number is missing or there twice"


def test_every_file_of_the_page_is_linked_and_exists():
    targets = dict(re.findall(rf"^{LINK}: (\S+)$", TEXT, re.MULTILINE))
    shown = re.sub(rf"^{LINK}: \S+$", "", TEXT, flags=re.MULTILINE)
    assert set(re.findall(LINK, shown)) == set(targets)
    for name, target in targets.items():
        assert (ROOT / name).is_file(), name
        assert (PAGE.parent / target).resolve() == ROOT / name


def test_every_row_says_where_in_a_known_way():
    assert [row.label for row in ROWS if not WHERE.fullmatch(row.where) or not row.what] == []
    assert [row.label for row in ROWS if row.marked and not row.files] == []


def test_what_a_row_names_is_in_its_files_and_each_file_has_some_of_it():
    faults = []
    for row in ROWS:
        files = {file: names(file) for file in row.files if file.endswith(".py")}
        wanted = {name for name in row.marked if not SETTING.fullmatch(name)}
        faults += [f"{row.label}: no {name}" for name in wanted.difference(*files.values())]
        faults += [f"{row.label}: {file}?" for file, known in files.items() if not known & wanted]
    assert faults == []


def test_settings_to_try_are_accepted():
    settings = {SETTING.fullmatch(mark) for row in ROWS for mark in row.marked} - {None}
    assert len(settings) > 10
    for group, field, value in (setting.groups() for setting in settings):
        found = getattr(getattr(Settings(**{group: {field: value}}), group), field)
        assert str(found).lower().removesuffix(".0") == value


def test_not_here_yet_is_taken_back_when_the_project_moves_in():
    start = "not here yet: "
    waiting = {
        project
        for row in ROWS
        if row.where.startswith(start)
        for project in row.where.removeprefix(start).split(" and ")
    }
    assert waiting <= TO_COME
    here = {p for p in waiting if (ROOT / "projects" / re.sub("[ -]", "_", p) / "room.py").exists()}
    assert here == set(), "these projects are here: say where in docs/course.md"
