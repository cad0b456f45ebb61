"""LFW's result of two networks, each tested on the folds whose people it was not trained on.

    TRAIN="python -m projects.face_verification train full --data.source lfw:PATH"
    $TRAIN --data.test-folds 1 2 3 4 5
    $TRAIN --data.test-folds 6 7 8 9 10
    python -m projects reveal_test FIRST SECOND --reason "..."
    python tests/benchmarks/lfw_protocol.py runs/FIRST runs/SECOND [SHEET.png]

Beside the networks: eigenfaces of the pictures each was trained on, and the distance of pixels. The
threshold of a fold comes from the other folds of the same network. SHEET.png shows the 50 pairs
farthest on the wrong side of their fold's threshold, SHEET_random.png 50 wrong ones at random, of
which ceilings can be counted; a table beside each names them. What was made of the pairs with wrong
labels is printed, and the accuracy without them.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from common.data.picture_store import pixels
from common.errors import UserError
from common.strategy import predictions
from common.strategy.results import Estimate
from projects.face_verification.baselines import eigenface_distances, eigenfaces, pixel_distances
from projects.face_verification.lfw import FoldAccuracy, fold_accuracy
from projects.face_verification.rates import auc, equal_error_rate, false_non_match_rate

SHOWN = 50
COMPONENTS = 150
SIDE = 96
WRONG = (
    "Debra_Brown_0001 | Debra_Brown_0002",
    "Janica_Kostelic_0001 | Janica_Kostelic_0002",
    "Jim_OBrien_0001 | Jim_OBrien_0002",
    "Jim_OBrien_0001 | Jim_OBrien_0003",
    "Nora_Bendijo_0001 | Nora_Bendijo_0002",
)
"""Pairs that pairs.txt calls the same and that show two people."""


def main(folders: list[str], sheet: str | None) -> None:
    """Print what networks, eigenfaces and pixels reach; write the sheet of the worst pairs."""
    rows = pd.concat([tested(Path(folder)) for folder in folders], ignore_index=True)
    print(f"{len(rows)} pairs, {rows['fold'].nunique()} folds, {len(folders)} networks")
    for name in ("distance", "eigenfaces", "pixels"):
        table = rows.assign(distance=rows[name])
        found = fold_accuracy(table)
        print(f"{name}: {accuracy_in_words(found)}")
        for metric in (equal_error_rate, auc, false_non_match_rate(0.01)):
            print(f"  {metric.name:<18} {in_words(metric.measure(table))}")
        if name == "distance":
            print(found.folds.to_string(index=False))
            print_wrong_labels(rows, found)
            if sheet:
                wrong = errors(rows, found)
                print(f"{len(wrong)} wrong, {(wrong['truth'] == 'same').sum()} of one person")
                place = Path(sheet)
                draw(wrong.nlargest(SHOWN, "beyond"), place)
                draw(wrong.sample(SHOWN, random_state=0), place.with_stem(place.stem + "_random"))


def tested(folder: Path) -> pd.DataFrame:
    """Return a run's test pairs, with the distances of eigenfaces and pixels beside its own."""
    file = folder / "predictions_test.parquet"
    if not file.exists():
        raise UserError(f"{file} does not exist: reveal_test {folder.name} first")
    rows = predictions.checked(pd.read_parquet(file)).assign(network=folder.name)
    examples = pd.read_parquet(folder / "examples.parquet")
    fitted = eigenfaces(pixels(examples[examples["split"] == "train"]), COMPONENTS)
    return rows.assign(eigenfaces=eigenface_distances(rows, fitted), pixels=pixel_distances(rows))


def accuracy_in_words(found: FoldAccuracy) -> str:
    one = found.accuracy
    return (
        f"accuracy {one.value:.4f} +- {found.standard_error:.4f} ({one.low:.3f} to {one.high:.3f})"
    )


def in_words(one: Estimate) -> str:
    return f"{one.value:.4f} ({one.low:.4f} to {one.high:.4f})"


def print_wrong_labels(rows: pd.DataFrame, found: FoldAccuracy) -> None:
    """Print what was made of the pairs with wrong labels, and the accuracy without them."""
    is_wrong = rows["example_id"].isin(WRONG)
    placed = beyond(rows, found)[is_wrong]
    answer = np.where(placed["beyond"] > 0, "different", "same")
    columns = ["example_id", "fold", "distance", "threshold"]
    print(f"wrong labels, {len(placed)} of {len(WRONG)} among the pairs:")
    print(placed[columns].assign(answer=answer).to_string(index=False))
    print(f"without them: {accuracy_in_words(fold_accuracy(rows[~is_wrong]))}")


def beyond(rows: pd.DataFrame, found: FoldAccuracy) -> pd.DataFrame:
    """Return the pairs with their fold's `threshold`, and how far on its wrong side they are."""
    threshold = rows["fold"].map(found.folds.set_index("fold")["threshold"])
    far = (rows["distance"] - threshold) * np.where(rows["truth"] == "same", 1, -1)
    return rows.assign(threshold=threshold, beyond=far)


def errors(rows: pd.DataFrame, found: FoldAccuracy) -> pd.DataFrame:
    """Return the wrong pairs, with how far `beyond` their fold's threshold they are."""
    placed = beyond(rows, found)
    return placed[placed["beyond"] > 0].reset_index(drop=True)


def draw(pairs: pd.DataFrame, place: Path) -> None:
    """Write the pairs as pictures, five to a row, and as a table."""
    columns = ["example_id", "truth", "distance", "threshold", "beyond"]
    pairs = pairs.reset_index(drop=True)
    pairs[columns].to_csv(place.with_suffix(".csv"), index=False)
    cell = (2 * SIDE + 16, SIDE + 24)
    lines = -(-len(pairs) // 5)
    page = Image.new("RGB", (5 * cell[0], lines * cell[1]), "white")
    pen = ImageDraw.Draw(page)
    for number, pair in pairs.iterrows():
        x, y = int(number) % 5 * cell[0], int(number) // 5 * cell[1]
        for at, side in enumerate(("first", "second")):
            row = pd.DataFrame([{"store": pair[f"{side}.store"], "row": pair[f"{side}.row"]}])
            face = Image.fromarray(pixels(row)[0]).resize((SIDE, SIDE))
            page.paste(face, (x + at * SIDE, y))
        pen.text((x + 2, y + SIDE + 4), f"{int(number) + 1} {pair['truth']} {pair['distance']:.2f}",
                 fill="black")  # fmt: skip
    page.save(place)


if __name__ == "__main__":
    *named, last = sys.argv[1:]
    is_sheet = last.endswith(".png")
    try:
        main(named if is_sheet else [*named, last], last if is_sheet else None)
    except UserError as error:
        sys.exit(f"error: {error}")
