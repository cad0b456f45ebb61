"""What is known of people and of pairs."""

import pandas as pd

from projects.face_verification.attributes import pair_attributes, pictures_of_person


def test_people_are_counted_in_words() -> None:
    labels = ["a"] + ["b"] * 3 + ["c"] * 9 + ["d"] * 10
    found = pictures_of_person(pd.DataFrame({"label": labels})).groupby(labels).first()
    assert found.to_dict() == {
        "a": "1 picture", "b": "2 to 3 pictures", "c": "4 to 9 pictures", "d": "10 or more",
    }  # fmt: skip


def picture(**known: object) -> pd.DataFrame:
    measured = {
        f"attr.{name}": 0.5 for name in ("brightness", "contrast", "sharpness", "saturation")
    }
    return pd.DataFrame([{"label": "a", **measured, **known}])


def test_of_photographs_light_and_sharpness_are_known() -> None:
    first, second = picture(**{"attr.brightness": 0.2}), picture(**{"attr.sharpness": 0.1})
    (found,) = pair_attributes(first, second, pd.Series({"a": 4})).to_dict("records")
    assert found == {
        "attr.brightness_difference": 0.3,
        "attr.contrast_lowest": 0.5,
        "attr.sharpness_lowest": 0.1,
        "attr.saturation_difference": 0.0,
        "attr.pictures_of_person": 4,
    }


def test_of_drawn_faces_everything_is_known() -> None:
    drawn = {"attr.yaw": 10.0, "attr.pitch": 0.0, "attr.glasses": True, "attr.occluded": "none"}
    drawn |= {"attr.blur": 0.0, "attr.expression": "smile"}
    first = picture(**drawn)
    second = picture(**{**drawn, "attr.yaw": -5.0, "attr.glasses": False, "attr.occluded": "cap"})
    (found,) = pair_attributes(first, second, pd.Series({"a": 2})).to_dict("records")
    assert found["attr.turned_by"] == 15
    assert found["attr.glasses"] == "one of both"
    assert found["attr.occluded"] == "one of both"
    assert (found["attr.blurred"], found["attr.expression"]) == ("none", "the same")
