"""What is known of people and of pairs."""

import pandas as pd

from projects.face_verification.attributes import pair_attributes, pictures_of_people


def test_people_are_counted_in_words() -> None:
    labels = ["a"] + ["b"] * 3 + ["c"] * 9 + ["d"] * 10 + ["e"] * 4 + ["f"] * 5 + ["g"] * 2
    splits = {"a": "dev", "f": "dev", "b": "train_dev", "g": "train_dev"}
    table = pd.DataFrame({"label": labels, "split": [splits.get(one, "train") for one in labels]})
    assert pictures_of_people(table).groupby(labels).first().to_dict() == {
        "a": "1 picture of 1 people in dev",
        "b": "2 to 3 pictures of 2 people in train-dev",
        "c": "4 to 9 pictures of 2 people in train, 1 in dev",
        "d": "10 or more pictures of 1 people in train",
        "e": "4 to 9 pictures of 2 people in train, 1 in dev",
        "f": "4 to 9 pictures of 2 people in train, 1 in dev",
        "g": "2 to 3 pictures of 2 people in train-dev",
    }


def picture(**known: object) -> pd.DataFrame:
    measured = {
        f"attr.{name}": 0.5 for name in ("brightness", "contrast", "sharpness", "saturation")
    }
    return pd.DataFrame([{"label": "a", **measured, **known}])


def test_of_photographs_light_and_sharpness_are_known() -> None:
    first, second = picture(**{"attr.brightness": 0.2}), picture(**{"attr.sharpness": 0.1})
    (found,) = pair_attributes(first, second, pd.Series({"a": 4})).to_dict("records")
    assert found == {
        "attr.difference in brightness": 0.3,
        "attr.contrast of the flatter picture": 0.5,
        "attr.sharpness of the less sharp picture": 0.1,
        "attr.difference in saturation": 0.0,
        "attr.pictures of the person with fewer": 4,
    }


def test_of_drawn_faces_everything_is_known() -> None:
    drawn = {"attr.yaw": 10.0, "attr.pitch": 0.0, "attr.glasses": True, "attr.occluded": "none"}
    drawn |= {"attr.blur": 0.0, "attr.expression": "smile"}
    first = picture(**drawn)
    second = picture(**{**drawn, "attr.yaw": -5.0, "attr.glasses": False, "attr.occluded": "cap"})
    (found,) = pair_attributes(first, second, pd.Series({"a": 2})).to_dict("records")
    assert found["attr.degrees turned apart"] == 15
    assert found["attr.glasses"] == "one of both"
    assert found["attr.face partly hidden"] == "one of both"
    assert (found["attr.blurred"], found["attr.expression"]) == ("none", "the same")
