from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from common.errors import UserError
from common.files import read_json, write_json
from common.settings import Data, Fit, Group, Settings

shares = st.floats(0.01, 0.4)
fits = st.builds(
    Fit,
    epochs=st.integers(1, 10_000),
    optimizer=st.sampled_from(["sgd", "momentum", "rmsprop", "adam", "adamw"]),
    learning_rate=st.floats(1e-12, 1e3),
    clip_norm=st.none() | st.floats(1e-6, 1e6),
    class_weights=st.booleans(),
)
wholes = st.builds(
    Settings,
    data=st.builds(Data, source=st.text(), target=st.none() | st.text(), dev_share=shares),
    fit=fits,
)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"epochs": 0}, ("fit.epochs", "0", "greater than or equal to 1")),
        ({"epochs": "two"}, ("fit.epochs", "'two'", "integer")),
        ({"learning_rate": float("nan")}, ("fit.learning_rate", "nan", "greater than 0")),
        ({"dropout": 1}, ("fit.dropout", "1", "less than 1")),
        ({"optimizer": "adm"}, ("fit.optimizer", "'adm'", "'adam'")),
        ({"epohcs": 2}, ("Fit", "'epohcs'", "epochs")),
    ],
)
def test_a_wrong_value_is_refused_with_value_and_expectation(
    fields: dict[str, Any], said: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as refused:
        Fit(**fields)
    assert all(word in str(refused.value) for word in said)
    assert len(str(refused.value).splitlines()) == 1


def test_what_is_wrong_inside_a_group_is_refused_alike() -> None:
    with pytest.raises(UserError, match=r"fit\.epochs is 0"):
        Settings(fit={"epochs": 0})


@given(st.text())
def test_whatever_a_field_is_called_the_refusal_is_one_line(name: str) -> None:
    with pytest.raises(UserError) as refused:
        Data(**{f"{name}?": 1})
    assert len(str(refused.value).splitlines()) == 1


@given(st.text())
def test_whatever_a_value_is_the_refusal_is_one_line(value: str) -> None:
    with pytest.raises(UserError) as refused:
        Fit(learning_rate=f"{value}?")
    assert len(str(refused.value).splitlines()) == 1


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Fit().epochs = 3


@given(settings=wholes)
def test_settings_survive_their_file(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "settings.json"
    write_json(file, settings.model_dump(mode="json"))
    assert Settings(**read_json(file)) == settings


def test_every_field_explains_itself() -> None:
    fields = list(_fields(Settings, Path()))
    assert len(fields) > 30
    assert not [name for name, text in fields if not text]


def _fields(group: type[BaseModel], place: Path) -> Iterator[tuple[str, str | None]]:
    for name, field in group.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield from _fields(kind, place / name)
        else:
            yield str(place / name), field.description
