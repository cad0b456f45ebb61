import random
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import runtime
from common.settings import Runtime

ROOT = Path(__file__).parents[2]


def _draws() -> tuple[float, float, float]:
    drawn = np.random.rand()  # noqa: NPY002 - the global generator is what is seeded
    return random.random(), drawn, float(tf.random.uniform([]))


def test_a_seed_gives_the_same_draws_and_another_others() -> None:
    seen = []
    for seed in (1, 1, 2):
        runtime.seed_everything(Runtime(seed=seed))
        seen.append(_draws())
    assert seen[0] == seen[1]
    assert all(a != b for a, b in zip(seen[0], seen[2], strict=True))


def test_bfloat16_computes_in_it_and_keeps_weights_in_float32() -> None:
    layer = keras.layers.Dense(2, dtype=runtime.dtype_policy(Runtime(precision="bfloat16")))
    assert layer(np.ones((1, 3), np.float32)).dtype == tf.bfloat16
    assert {weight.dtype for weight in layer.weights} == {"float32"}


def test_the_record_of_the_machine_is_complete() -> None:
    assert set(runtime.versions()) == {
        "python",
        "tensorflow",
        "keras",
        "mlflow",
        "numpy",
        "pandas",
    }
    assert runtime.versions()["keras"] == keras.__version__
    assert " cores of " in runtime.machine()
    assert len(runtime.machine().splitlines()) == 1
    assert runtime.commit() == "not in git" or runtime.commit().endswith(("changes", "clean"))


def test_a_command_is_shown_as_one_types_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/tool", "train", "demo"])
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    assert runtime.command() == "tool train demo"


def test_tensorflow_loads_without_a_word_and_shows_what_its_import_says_when_it_fails(
    tmp_path: Path,
) -> None:
    code = "from common import runtime; runtime.quiet(); runtime.load_tensorflow()"
    for folder, error in (("broken", "ImportError('broken')"), ("stopped", "KeyboardInterrupt")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tensorflow.py").write_text(
            f"import os; os.write(2, b'no such ' + b'processor'); raise {error}"
        )
    said = [
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {[*paths, str(ROOT)]}; {code}"],
            capture_output=True,
            text=True,
            check=False,
        )
        for paths in ([], [str(tmp_path / "broken")], [str(tmp_path / "stopped")])
    ]
    assert (said[0].returncode, said[0].stderr, said[0].stdout) == (0, "", "")
    assert "no such processor" in said[1].stderr
    assert "broken" in said[1].stderr
    assert "no such processor" not in said[2].stderr
