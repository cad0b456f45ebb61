"""What every room promises the house, on its smallest preset; rooms are found on disk."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import islice
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import yaml

from common import rooms
from common.data.examples import attributes, checked
from common.report.content import Card, Part
from common.settings import Group, Settings
from common.strategy import predictions
from tests.contract.tried import Tried, content, flat, tried_room

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
ROOMS = rooms.names()
FILES = ("__init__.py", "__main__.py", "README.md", "data.py", "evaluate.py", "model.py", "room.py")
FILES += ("serve.py", "settings.py")
LINES = 800
HEAVY = ("tensorflow", "keras", "mlflow", "pandas", "numpy", "scipy", "matplotlib", "pyarrow")


@pytest.fixture(scope="module", params=ROOMS)
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    return tried_room(request.param, tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("name", ROOMS)
def test_the_files_of_a_room(name: str) -> None:
    place = ROOT / "projects" / name
    assert [file for file in FILES if not (place / file).is_file()] == []
    init = (place / "__init__.py").read_text(encoding="utf-8")
    assert re.fullmatch(r'""".+"""\n', init), "a docstring of one line"


@pytest.mark.parametrize("name", ROOMS)
def test_the_readme_opens_with_results(name: str) -> None:
    readme = (ROOT / "projects" / name / "README.md").read_text(encoding="utf-8")
    opening = readme.split("\n## ")[0] + readme.split("\n## ")[1]
    assert re.search(
        rf"python -m projects\.{name} |mlflow run \. -e {name}|mlflow run \. ", opening
    )
    assert "baseline" in opening
    assert re.search(r"\d+(\.\d+)? (minutes|seconds|s|min)\b", opening)
    assert re.search(r"\d+(\.\d+)? (to|-|–) \d", opening), "a number with its interval"


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_is_small_or_its_readme_says_why_not(name: str) -> None:
    place = ROOT / "projects" / name
    own = [
        file
        for file in place.rglob("*.py")
        if not file.name.startswith("embedded") and "drawing" not in file.parts
    ]
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in own)
    readme = (place / "README.md").read_text(encoding="utf-8")
    reason = re.search(rf"\blines\b[^.]*\b{LINES}\b", readme)
    assert lines <= LINES or reason, f"{lines} lines: README must say why"


@pytest.mark.parametrize("name", ROOMS)
def test_mlflow_run_has_an_entry_point_for_it(name: str) -> None:
    entries = yaml.safe_load((ROOT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    assert entries[name]["command"] == f"python -m projects.{name} train {{preset}}"
    assert entries[name]["parameters"]["preset"]["default"] == "demo"


@pytest.mark.parametrize("name", ROOMS)
def test_settings_load_nothing_heavy(name: str, command: Command, tmp_path: Path) -> None:
    code = f"import sys, projects.{name}.settings, projects.{name}.__main__; print(*sys.modules)"
    done = command("-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(HEAVY) & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", ROOMS)
def test_the_presets_are_there_and_survive_json(name: str) -> None:
    module = rooms.room_settings(name)
    assert list(module.PRESETS)[:4] == ["smoke", "demo", "course", "full"]
    assert 20 < len(module.SUMMARY) < 100
    assert issubclass(module.Settings, Settings)
    for text, settings in module.PRESETS.values():
        assert type(settings) is module.Settings
        assert 10 < len(text) < 100
        assert "\n" not in text
        assert module.Settings(**json.loads(settings.model_dump_json())) == settings
    for preset in ("smoke", "demo"):
        assert ":" not in module.PRESETS[preset][1].data.source, "made here, so it works offline"


@pytest.mark.parametrize("name", ROOMS)
def test_every_field_has_its_help(name: str) -> None:
    fields = dict(leaves(rooms.room_settings(name).Settings))
    assert len(fields) > 30
    assert [path for path, text in fields.items() if not text or len(text) < 15] == []


def leaves(group: type[Group], before: str = "") -> Iterator[tuple[str, str | None]]:
    """Path and help of every field; of a group inside, also what its class says."""
    for name, field in group.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield f"{before}{name}", kind.__doc__
            yield from leaves(kind, f"{before}{name}.")
        else:
            yield f"{before}{name}", field.description


def test_the_record_says_who_it_is(tried: Tried) -> None:
    name = tried.project.name
    module = rooms.room_settings(name)
    assert tried.project.settings is module.Settings
    assert tried.project.summary == module.SUMMARY
    assert tried.project.baseline_name


def test_the_examples_table_is_complete(tried: Tried) -> None:
    found = tried.found
    table = checked(found.examples)
    assert len(table) > 50
    assert len(attributes(table)) >= 5
    assert {"group", "distribution"} <= set(found.examples)
    assert found.examples["content"].is_unique
    assert list(found.problems.columns) == ["content", "reason"]
    assert found.problems.empty


def test_no_group_is_divided(tried: Tried) -> None:
    examples = tried.found.examples.reset_index(drop=True)
    grouped = examples.assign(group=[f"g{i // 3}" for i in examples.index])
    divided = tried.project.split(grouped, tried.settings)
    assert set(divided["split"]) == {"train", "dev", "test"}
    assert divided.groupby("group")["split"].nunique().max() == 1
    assert "test" not in tried.rows
    assert len(tried.rows["train"]) > len(tried.rows["dev"]) > 0


def test_another_process_makes_the_same_data(
    tried: Tried, command: Command, tmp_path: Path
) -> None:
    code = (
        "from pathlib import Path\n"
        "from tests.contract.tried import content, tried_room\n"
        f"print(content(tried_room({tried.project.name!r}, Path('cache'))))\n"
    )
    done = command("-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == content(tried)


def test_training_taken_up_at_a_pass_sees_what_the_straight_one_sees(tried: Tried) -> None:
    train = tried.rows["train"]
    steps = ceil(len(train) / tried.settings.fit.batch_size)
    straight = list(islice(tried.batches(train, 0), 3 * steps))
    later = list(islice(tried.batches(train, 2), steps))
    for one, other in zip(straight[2 * steps :], later, strict=True):
        for a, b in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
            np.testing.assert_array_equal(a, b)
    first = [np.asarray(x) for x in tf.nest.flatten(straight[0])]
    again = [np.asarray(x) for x in tf.nest.flatten(straight[steps])]
    assert any(a.shape != b.shape or (a != b).any() for a, b in zip(first, again, strict=True))


def test_scoring_sees_every_row_once_and_in_order(tried: Tried) -> None:
    rows = tried.rows["dev"][:30].reset_index(drop=True)
    forth = flat(tried.batches(rows, None).unbatch())
    back = flat(tried.batches(rows[::-1].reset_index(drop=True), None).unbatch())
    parts = len(forth) // len(rows)
    assert len(forth) == len(rows) * parts
    for i in range(len(rows)):
        for part in range(parts):
            there = (len(rows) - 1 - i) * parts + part
            np.testing.assert_array_equal(forth[i * parts + part], back[there])


def test_a_step_of_training_changes_weights_to_numbers(tried: Tried) -> None:
    model = tried.project.build(tried.assets, tried.settings)
    before = [np.asarray(v) for v in model.trainable_variables]
    batch = next(iter(tried.batches(tried.rows["train"], 0)))
    loss = model.train_on_batch(*batch, return_dict=True)["loss"]
    after = [np.asarray(v) for v in model.trainable_variables]
    assert np.isfinite(loss)
    assert all(np.isfinite(v).all() for v in [*after, *map(np.asarray, model.variables)])
    assert any((a != b).any() for a, b in zip(before, after, strict=True))


def test_the_same_seed_builds_the_same_model(tried: Tried) -> None:
    twin = tried.project.build(tried.assets, tried.settings)
    for a, b in zip(tried.model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_scores_follow_their_units(tried: Tried) -> None:
    assert list(tried.scores["example_id"]) == list(tried.units["example_id"])
    numbers = tried.scores.select_dtypes("float")
    assert len(numbers.columns) > 0
    assert np.isfinite(numbers.to_numpy()).all()
    turned = tried.project.score(
        tried.model, tried.units[::-1].reset_index(drop=True), tried.assets, tried.settings
    )
    np.testing.assert_allclose(turned[numbers.columns][::-1], numbers, atol=1e-5)


def test_answers_are_a_predictions_table(tried: Tried) -> None:
    table = predictions.checked(tried.decided.assign(split="dev"))
    assert list(table["example_id"]) == list(tried.units["example_id"])
    assert {"truth", "prediction", "score", "error"} <= set(table)
    assert set(attributes(tried.units)) <= set(table)
    first, *_ = metrics = tried.project.metrics(tried.assets, tried.settings)
    assert 0 <= first.on(table, "dev").value <= 1
    assert len({metric.name for metric in metrics}) == len(metrics)


def test_the_baseline_is_a_predictions_table_of_the_same_units(tried: Tried) -> None:
    units = {
        name: tried.project.units(rows, tried.assets, tried.settings).assign(split=name)
        for name, rows in tried.rows.items()
    }
    table = predictions.checked(tried.project.baseline(units, tried.assets, tried.settings))
    assert set(table["example_id"]) == set(units["dev"]["example_id"])
    assert table["error"].mean() > 0.2, "the trivial answer must fail on generated data"


def test_assets_and_calibration_travel_as_json(tried: Tried) -> None:
    for kind, value in (
        (tried.project.assets, tried.assets),
        (tried.project.calibration, tried.calibration),
    ):
        assert type(value) is kind
        assert kind(**json.loads(value.model_dump_json())) == value


def test_the_report_can_show_a_unit_and_the_rooms_own_parts(tried: Tried) -> None:
    rows = predictions.checked(tried.decided.assign(split="dev"))
    card = tried.project.card(rows.iloc[0].to_dict(), tried.settings)
    assert isinstance(card, Card)
    assert card.answer
    assert card.truth
    parts = tried.project.report_parts(tried.units, rows, tried.assets, tried.settings)
    assert all(isinstance(part, Part) and part.title for part in parts)


def test_the_model_leaves_in_formats_one_of_which_is_served(tried: Tried) -> None:
    formats = tried.project.formats
    names = [form.name for form in formats]
    assert {"model.keras", "saved_model", "mlflow_model"} <= set(names)
    assert len(set(names)) == len(names)
    assert sum(form.served for form in formats) == 1
    assert all(form.takes for form in formats)


@pytest.mark.parametrize("name", ROOMS)
def test_check_passes_on_smoke(name: str, command: Command, tmp_path: Path) -> None:
    done = command("-m", f"projects.{name}", "check", "smoke", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert len(re.findall(r"^ok  ", done.stdout, re.MULTILINE)) >= 5
    assert not (tmp_path / "runs").exists()
