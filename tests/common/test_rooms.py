from pathlib import Path

import pytest

from common import rooms
from common.errors import UserError
from common.settings import Settings


def test_every_folder_with_a_room_is_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("zoo", "bar", "notes"):
        (tmp_path / name).mkdir()
    for name in ("zoo", "bar"):
        (tmp_path / name / "room.py").touch()
    monkeypatch.setattr(rooms, "PROJECTS", tmp_path)
    assert rooms.names() == ["bar", "zoo"]


@pytest.mark.parametrize("name", rooms.names())
def test_a_rooms_light_module_has_presets_with_a_line_each(name: str) -> None:
    module = rooms.room_settings(name)
    assert len(module.SUMMARY.splitlines()) == 1
    assert {"smoke", "demo"} <= set(module.PRESETS)
    for text, settings in module.PRESETS.values():
        assert len(text.splitlines()) == 1
        assert isinstance(settings, Settings)


@pytest.mark.parametrize("find", [rooms.room, rooms.room_settings])
def test_an_unknown_project_is_refused_with_a_near_name(find: object) -> None:
    near = rooms.names()[0][:-1]
    with pytest.raises(UserError, match=f"{near}'.*perhaps you meant {rooms.names()[0]}"):
        find(near)  # type: ignore[operator]


def test_an_unknown_name_far_from_all_is_refused_with_the_list() -> None:
    with pytest.raises(UserError, match=f"there are .*{rooms.names()[0]}"):
        rooms.room("qqqqqqqq")
