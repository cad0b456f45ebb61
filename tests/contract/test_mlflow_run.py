"""`mlflow run` from a fresh clone and from a git URI, and `mlflow models serve`, for real."""

import base64
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient
from PIL import Image

from common.runs import RunFolder

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
ROOM = "cat_classifier"
URI = "https://git.invalid/projects.git"
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""`--env-manager local` runs the `python` it finds first."""
TINY = ("-P", "data.size=16", "-P", "data.embedded.number=90", "-P", "model.name=logistic")


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=test", "-c", "user.email=test@test.invalid")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository of all files as they stand, committed or not."""
    clone = tmp_path_factory.mktemp("clone")
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard")
    for name in filter(lambda name: (ROOT / name).is_file(), listed.splitlines()):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    git(clone, "init", "-q", "-b", "main")
    git(clone, "add", "--all")
    git(clone, "commit", "-q", "-m", "As it stands")
    return clone


def store(home: Path) -> str:
    return f"sqlite:///{home / 'mlflow.db'}"


def only_run(home: Path) -> Any:
    client = MlflowClient(store(home))
    (run,) = client.search_runs([one.experiment_id for one in client.search_experiments()])
    return run


def test_mlflow_run_in_a_clone(clone: Path, command: Command, tmp_path: Path) -> None:
    words = "-m mlflow run . --env-manager local -P preset=smoke -P fit.epochs=1"
    done = command(
        *words.split(), cwd=clone, root=clone, PATH=PROGRAMS, MLFLOW_TRACKING_URI=store(tmp_path)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert any(line.startswith(f"{ROOM}: dev error ") for line in said)
    report = Path(next(line for line in said if line.startswith("report:")).split()[-1])
    model = Path(next(line for line in said if line.startswith("model:")).split()[-1])
    assert report.stat().st_size > 10_000
    assert (model / "model.keras").is_file()
    assert f"open MLflow: mlflow ui --backend-store-uri {store(tmp_path)}" in said
    assert "Traceback" not in done.stderr

    run = only_run(tmp_path)
    assert run.info.status == "FINISHED"
    assert run.data.tags["project"] == ROOM
    assert run.data.tags["kind"] == "train"
    assert run.data.tags["preset"] == "smoke"
    assert {"diagnosis", "data_fingerprint", "label_version"} <= set(run.data.tags)
    assert run.data.params["fit.epochs"] == run.data.params["settings/fit.epochs"] == "1"
    assert {"train/error", "dev/error", "gap/variance", "epoch/loss"} <= set(run.data.metrics)
    assert run.inputs.dataset_inputs
    assert run.outputs.model_outputs
    artifacts = {one.path for one in MlflowClient(store(tmp_path)).list_artifacts(run.info.run_id)}
    kept = {"settings.json", "predictions.parquet", "error_sheet.csv", "report.html", "export"}
    assert kept <= artifacts
    assert RunFolder(report.parent).info["status"] == "finished"
    assert git(clone, "status", "--porcelain") == "", "a run leaves the clone as it was"


def test_mlflow_run_of_a_git_uri_from_elsewhere(
    clone: Path, command: Command, tmp_path: Path
) -> None:
    """Git is told to find the URI on this disk; MLflow fetches it as from anywhere."""
    words = f"-m mlflow run {URI} -e {ROOM} --env-manager local -P preset=smoke -P fit.epochs=1"
    done = command(
        *words.split(),
        *TINY,
        cwd=tmp_path,
        root=tmp_path,
        PATH=PROGRAMS,
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0=f"url.{clone}.insteadOf",
        GIT_CONFIG_VALUE_0=URI,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{ROOM}: dev error " in done.stdout
    assert only_run(tmp_path).info.status == "FINISHED"
    assert len(list((tmp_path / "runs").glob("*/report.html"))) == 1


def test_an_unknown_field_is_one_line_and_a_failed_run(
    clone: Path, command: Command, tmp_path: Path
) -> None:
    words = "-m mlflow run . --env-manager local -P preset=smoke -P fit.epohcs=1"
    done = command(
        *words.split(), cwd=clone, root=clone, PATH=PROGRAMS, MLFLOW_TRACKING_URI=store(tmp_path)
    )
    assert done.returncode != 0
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "--fit.epohcs" in errors[0]
    assert "perhaps you meant --fit.epochs" in errors[0]
    assert "Traceback" not in done.stdout + done.stderr
    assert only_run(tmp_path).info.status == "FAILED"
    assert not (tmp_path / "runs").exists()


@pytest.fixture(scope="module")
def server(
    smoke_run: RunFolder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Any], tuple[int, str]]]:
    """The smoke run's registered model, served; give a body, get status and answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = f"models serve -m models:/{ROOM}/1 --env-manager local --port {port}"
    log = tmp_path_factory.mktemp("served") / "log.txt"
    with log.open("w") as said:
        serving = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *words.split()],
            env={**os.environ, "PATH": PROGRAMS, "MLFLOW_TRACKING_URI": store(smoke_run.home)},
            cwd=log.parent,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{base}/ping", timeout=5).close()
                break
            except OSError:
                assert serving.poll() is None, log.read_text()
                time.sleep(0.5)

        def ask(body: Any) -> tuple[int, str]:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            request = urllib.request.Request(
                f"{base}/invocations", content, {"Content-Type": "application/json"}
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        yield ask
    finally:
        os.killpg(serving.pid, signal.SIGTERM)
        serving.wait(30)


def records(*pictures: str) -> dict[str, Any]:
    return {"dataframe_records": [{"image": picture} for picture in pictures]}


def picture(seed: int) -> str:
    buffer = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_the_served_model_answers_pictures(
    server: Callable[[Any], tuple[int, str]], smoke_run: RunFolder
) -> None:
    status, text = server(records(picture(0), picture(1)))
    assert status == 200, text
    answers = json.loads(text)["predictions"]
    classes = json.loads((smoke_run.path / "assets.json").read_text())["classes"]
    assert len(answers) == 2
    for answer in answers:
        assert answer["prediction"] in classes
        assert isinstance(answer["unsure"], bool)
        assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert answer["score"] in [pytest.approx(one) for one in answer["probabilities"]]


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"",
        {},
        {"dataframe_records": []},
        {"dataframe_records": [{"photo": "AAAA"}]},
        {"dataframe_records": [{"image": 3}]},
        records("AAAA"),
        records(base64.b64encode(b"\xff\xd8\xff cut off").decode()),
        records("not base64!"),
        records(picture(0)[:400]),
        records(picture(0), ""),
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_malformed_body_is_refused_without_a_stack_trace(
    server: Callable[[Any], tuple[int, str]], body: Any
) -> None:
    status, text = server(body)
    assert 400 <= status < 500, text
    assert "Traceback" not in text
    assert 'File "' not in text
    assert "message" in text or "error" in text or "detail" in text
    assert server(records(picture(0)))[0] == 200, "the next one is answered"
