"""Who may import whom, as docs/architecture.md says; read from the code, nothing is run."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from common import rooms

ROOT = Path(__file__).parents[2]
LAYERS = (
    {"settings", "errors", "files", "project", "runs", "rooms", "runtime"},
    {"data", "strategy"},
    {"training", "evaluation", "export", "report", "tracking", "networks"},
    {"experiment", "check", "reveal", "answering"},
    {"actions", "copying", "cli"},
)
"""Parts of common, the lowest first: a part imports its own layer and those below."""
LIGHT = {*LAYERS[0], "answering", "actions", "copying", "cli"}
"""Parts that answer at once: they load nothing heavy before a function is called."""
FEATHERS = {"pydantic", "tyro", "filelock"} | set(sys.stdlib_module_names)
STRATEGY = {"numpy", "pandas", "scipy"} | set(sys.stdlib_module_names)
MLFLOW = {
    "common.tracking",
    "common.export.mlflow_model",
    "common.export.served_model",  # the code that MLflow itself runs to answer
}


def module(file: Path) -> str:
    dotted = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")


FILES = {
    module(file): file for part in ("common", "projects") for file in (ROOT / part).rglob("*.py")
}
ROOMS = rooms.names()


def nodes(tree: ast.AST, deferred: bool) -> Iterator[ast.AST]:
    """What is run when the module is imported, or (deferred) also what a call runs later."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef) and not deferred:
            continue
        yield node
        yield from nodes(node, deferred)


def named(tree: ast.AST, deferred: bool) -> set[str]:
    found: set[str] = set()
    for node in nodes(tree, deferred):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "relative imports hide where a name comes from"
            assert node.level == 0
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else node.module for name in whole}
    return found


@cache
def imports(name: str, deferred: bool = True) -> frozenset[str]:
    return frozenset(named(ast.parse(FILES[name].read_text(encoding="utf-8")), deferred))


@cache
def loaded_with(name: str) -> frozenset[str]:
    """All modules that importing `name` loads through files of ours, and what those name."""
    seen, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in FILES:
            parents = {".".join(one.split(".")[:i]) for i in range(1, one.count(".") + 1)}
            waiting += [*imports(one, deferred=False), *parents]
    return frozenset(seen)


def layer(name: str) -> int:
    top = name.split(".")
    if top[0] == "projects":
        return len(LAYERS)
    return next(i for i, parts in enumerate(LAYERS) if top[1] in parts)


def tops(names: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in names} - {"common", "projects"}


def ours(names: frozenset[str]) -> set[str]:
    return {name for name in names if name in FILES and "." in name}


def test_the_reader_sees_deferred_imports_and_leaves_out_those_of_types() -> None:
    code = (
        "import json\nif TYPE_CHECKING:\n    import keras\n"
        "class A:\n    from common import files\n    def f(self):\n        import mlflow.x\n"
    )
    assert named(ast.parse(code), deferred=True) == {"json", "common.files", "mlflow.x"}
    assert named(ast.parse(code), deferred=False) == {"json", "common.files"}


def test_every_part_of_common_has_its_layer() -> None:
    parts = {name.split(".")[1] for name in FILES if name.startswith("common.")}
    assert parts == set().union(*LAYERS)


def test_imports_go_down() -> None:
    upwards = [
        f"{name} imports {other}"
        for name in FILES
        if "." in name
        for other in ours(imports(name))
        if layer(other) > layer(name)
    ]
    assert upwards == []


def test_data_and_strategy_know_nothing_of_each_other() -> None:
    for one, other in (("data", "strategy"), ("strategy", "data")):
        inside = [name for name in FILES if name.startswith(f"common.{one}.")]
        strangers = {o for name in inside for o in ours(imports(name)) if f".{other}." in o}
        assert strangers == set(), one


def test_no_circle() -> None:
    """Depth first; what is on the path to itself is a circle."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path[path.index(name) :], name))
        if name not in done:
            for other in sorted(ours(imports(name))):
                visit(other, (*path, name))
            done.add(name)

    for name in FILES:
        visit(name, ())


def test_the_strategy_layer_needs_numpy_pandas_and_scipy_only() -> None:
    inside = [name for name in FILES if name.startswith("common.strategy.")]
    assert len(inside) > 10
    assert {t for name in inside for t in tops(imports(name)) if t not in STRATEGY} == set()
    allowed = {"common.errors"}
    outside = {
        other
        for name in inside
        for other in ours(imports(name))
        if not other.startswith("common.strategy.")
    }
    assert outside <= allowed


def test_only_tracking_and_the_mlflow_model_import_mlflow() -> None:
    found = {name for name in FILES if "mlflow" in tops(imports(name))}
    # what MLflow runs to answer in a room's own way
    own = {name for name in found if re.fullmatch(r"projects\.\w+\.served_\w+", name)}
    assert found - own == MLFLOW


@pytest.mark.parametrize("name", sorted(LIGHT))
def test_a_light_part_loads_nothing_heavy(name: str) -> None:
    assert tops(loaded_with(f"common.{name}")) <= FEATHERS


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_command_line_loads_nothing_heavy(room: str) -> None:
    for part in ("settings", "__main__"):
        assert tops(loaded_with(f"projects.{room}.{part}")) <= FEATHERS
    below = ours(loaded_with(f"projects.{room}.settings"))
    assert {layer(name) for name in below if not name.startswith("projects.")} == {0}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_other_room(room: str) -> None:
    for name in FILES:
        if name.startswith(f"projects.{room}."):
            others = {o for o in imports(name) if o.startswith("projects.")}
            assert {o for o in others if not f"{o}.".startswith(f"projects.{room}.")} == set()


@pytest.mark.parametrize("room", [name for name in ROOMS if "_" in name])
def test_common_names_no_project(room: str) -> None:
    """Neither in code nor in words; a name without "_" may be any word."""
    words = re.compile(rf"\b{room.replace('_', '[_ -]')}\b", re.IGNORECASE)
    files = [f for f in (ROOT / "common").rglob("*") if f.suffix in (".py", ".html", ".css", ".js")]
    assert len(files) > 50
    assert [f.name for f in files if words.search(f.read_text(encoding="utf-8"))] == []
