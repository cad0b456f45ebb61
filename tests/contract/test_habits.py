"""The repository's habits: dependencies that agree in all places, short files, one test command."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LONGEST = 300
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = [one for extra in PYPROJECT["optional-dependencies"].values() for one in extra]
CODE = [file for part in ("common", "projects") for file in (ROOT / part).rglob("*.py")]
TESTS = list((ROOT / "tests").rglob("*.py"))


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_uvs_environment_has_what_pyproject_asks_for() -> None:
    environment = yaml.safe_load(text("python_env.yaml"))
    assert environment["dependencies"] == PYPROJECT["dependencies"]
    assert environment["python"] in PYPROJECT["requires-python"]


def test_every_dependency_is_said_what_it_is_for() -> None:
    _, _, section = text("docs/architecture.md").partition("\n## Dependencies\n")
    table = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)[1:]
    told = {canonicalize_name(name) for cell, _ in table for name in cell.strip().split(", ")}
    assert told - {"-"} == names(PYPROJECT["dependencies"] + EXTRAS)


def test_the_pinned_versions_are_allowed_ones_of_all_dependencies() -> None:
    asked = {canonicalize_name(Requirement(one).name): Requirement(one) for one in EXTRAS}
    asked |= {
        canonicalize_name(Requirement(one).name): Requirement(one)
        for one in PYPROJECT["dependencies"]
    }
    pins = dict(line.split("==") for line in text("constraints.txt").split())
    for name, version in pins.items():
        requirement = asked.get(canonicalize_name(name))
        assert requirement is None or version in requirement.specifier, name
    pinned = {canonicalize_name(name) for name in pins}
    test = PYPROJECT["optional-dependencies"]["test"]
    assert names(PYPROJECT["dependencies"] + test) <= pinned


def test_what_the_code_imports_is_asked_for() -> None:
    """Where a distribution is named unlike its module, or comes with another one."""
    named = {"PIL": "pillow", "ai_edge_litert": "ai-edge-litert", "sklearn": "scikit-learn"}
    carried = {"markupsafe": "jinja2"}
    asked = names(PYPROJECT["dependencies"] + PYPROJECT["optional-dependencies"]["speech"])
    for file in CODE:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module]
            for module in {one.partition(".")[0] for one in modules}:
                if module in sys.stdlib_module_names | {"common", "projects"}:
                    continue
                name = named.get(module, carried.get(module, module))
                assert canonicalize_name(name) in asked, f"{file.name} imports {module}"


@pytest.mark.parametrize("place", ["common", "projects", "tests"])
def test_no_file_is_long(place: str) -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / place).rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST} == {}


def test_every_folder_of_code_is_a_package_with_a_line_on_it() -> None:
    for folder in {file.parent for file in CODE}:
        init = (folder / "__init__.py").read_text(encoding="utf-8")
        assert re.fullmatch(r'""".+"""\n', init), folder


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """Absolute paths of somebody's machine have no place in code, tests or pages."""
    here = re.compile(r"""(?<![\w.}])/(home|Users|root|work)/\w""")
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("projects/*/*.md")]
    for file in [*CODE, *TESTS, *pages]:
        found = here.search(file.read_text(encoding="utf-8"))
        assert not found, f"{file.name}: {found}"


def test_the_pipeline_calls_the_readmes_test_command() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if "pytest" in line]
    assert commands[0] == "pip install -e '.[test]' && pytest"
    pipeline = text(".ci/run")
    assert f"\n{commands[0]}\n" in pipeline
    assert "set -euo pipefail" in pipeline
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_no_test_is_kept_from_users_but_the_slow_ones() -> None:
    """A test that is skipped or expected to fail says why."""
    for file in TESTS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            words = ast.unparse(node) if isinstance(node, ast.Call) else ""
            if re.match(r"pytest\.(mark\.)?(skip|skipif|xfail)\(", words):
                assert "reason=" in words or words.startswith("pytest.skip("), file.name
