"""The machine: seeds, determinism, precision; what it is, for the record."""

import os
import platform
import shlex
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from common.settings import Runtime


def quiet() -> None:
    """Keep TensorFlow's and MLflow's start-up chatter off the terminal; call before they load."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")


def load_tensorflow() -> None:
    """Import TensorFlow and find its devices without the lines its C++ part writes meanwhile.

    They come before any log level is read, on every machine without a GPU. They are shown after
    all when the import fails.
    """
    with tempfile.TemporaryFile() as said:
        real = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()
            tf.get_logger().setLevel("ERROR")  # its warnings on retracing help nobody here
        except Exception:
            said.seek(0)
            os.write(real, said.read())
            raise
        finally:
            os.dup2(real, 2)
            os.close(real)


def seed_everything(runtime: Runtime) -> None:
    """Seed Python, numpy and TensorFlow, and make operations deterministic where asked."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(runtime.seed)
    if runtime.deterministic:
        tf.config.experimental.enable_op_determinism()


def dtype_policy(runtime: Runtime) -> str:
    """Return the Keras policy that layers compute in; weights are float32 in both."""
    return "mixed_bfloat16" if runtime.precision == "bfloat16" else "float32"


def versions() -> dict[str, str]:
    """Return the versions that decide a result."""
    names = ("tensorflow", "keras", "mlflow", "numpy", "pandas")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def machine() -> str:
    """Return processor, cores and memory in a line."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = models[0].split(":", 1)[1].strip() if models else processor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cores} cores of {processor}, {memory:.0f} GiB, {platform.system()}"


def commit() -> str:
    """Return the repository's commit and whether it is clean, or "not in git"."""
    here = Path(__file__).parent
    try:
        head = _git(here, "rev-parse", "--short", "HEAD")
        changed = _git(here, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "not in git"
    return f"{head}, {'with uncommitted changes' if changed else 'clean'}"


def command() -> str:
    """Return the command that started this process, as one would type it."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    start = f"python -m {spec.name.removesuffix('.__main__')}" if spec else Path(sys.argv[0]).name
    return f"{start} {shlex.join(sys.argv[1:])}".strip()


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
