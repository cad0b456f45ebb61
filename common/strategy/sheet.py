"""The error sheet: a random sample of dev errors for a person to look at (course 3, 2.1)."""

import hashlib

from common.strategy.predictions import Table, checked, fingerprint, has_truth

SHOWN = ("example_id", "group", "truth", "prediction", "score", "error")
OF_TRUTH = "label wrong"
TO_FILL_IN = (OF_TRUTH, "comment")


def error_sheet(predictions: Table, *, seed: int, size: int, run: str = "") -> Table:
    """Return at most `size` dev errors in an order that depends on `seed` and `example_id` alone.

    A random sample of each run's errors, and as much the same one for two runs as can be, so
    that what was written on one serves the other. `seed`: the project's. Columns: SHOWN,
    TO_FILL_IN (empty; OF_TRUTH only where there is a truth), `run`, and the dev set's
    `fingerprint`, by which a sheet is known again.
    Ceilings may be computed from this sample; not from the worst errors.
    """
    table = checked(predictions)
    errors = table[(table["split"] == "dev") & (table["error"] > 0)].copy()
    errors["place"] = [_place(seed, example) for example in errors["example_id"]]
    sheet = errors.sort_values(["place", "unit"]).head(size)
    sheet = sheet.reindex(columns=list(SHOWN))
    for column in TO_FILL_IN:
        if column != OF_TRUTH or has_truth(table):
            sheet[column] = ""
    sheet["run"] = run
    sheet["fingerprint"] = fingerprint(table)
    return sheet.reset_index(drop=True)


def _place(seed: int, example: str) -> str:
    return hashlib.sha256(f"{seed}:{example}".encode()).hexdigest()
