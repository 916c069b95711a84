"""Runs reach a real MLflow server when one is asked for, and nothing is asked of it otherwise."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.embedded import free_port
from training.tracking import tracker
from training.tracking.to_mlflow import TrackingError

WITH_SERVER = importlib.util.find_spec("mlflow.server") if importlib.util.find_spec("mlflow") else 0
needs_mlflow = pytest.mark.skipif(
    not WITH_SERVER,
    reason="MLflow with its server weighs 850 MB, so it is no requirement: pip install mlflow",
)
START_S = 90.0


def test_without_the_variable_there_is_no_tracker() -> None:
    assert tracker({}) is None
    assert tracker({"MLFLOW_TRACKING_URI": ""}) is None


@pytest.mark.skipif(bool(importlib.util.find_spec("mlflow")), reason="the client is installed here")
def test_a_missing_client_is_one_clear_line() -> None:
    with pytest.raises(TrackingError, match=r"pip install 'raak\[mlflow\]'"):
        tracker({"MLFLOW_TRACKING_URI": "http://127.0.0.1:1"})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    store = ("--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db")
    files = ("--artifacts-destination", str(tmp_path / "artefacts"))
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--port", str(port), *store, *files],
        cwd=tmp_path,
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        start_new_session=True,
    )
    try:
        await_answer(process, f"{url}/health")
        yield url
    finally:
        os.killpg(process.pid, 15)  # the workers that it started itself, too
        process.wait()


def await_answer(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server never answered"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)


@needs_mlflow
@pytest.mark.filterwarnings("default")
def test_a_run_reaches_the_server_with_its_settings_metrics_and_files(server: str) -> None:
    tracked = tracker({"MLFLOW_TRACKING_URI": server, "MLFLOW_EXPERIMENT_NAME": "bank"})
    assert tracked is not None
    run_id = tracked.log(
        "v1",
        settings={"seed": 1, "hybrid.factorisation.epochs": 20, "long": "x" * 10_000},
        metrics={"what_came_later.hybrid.ndcg_at_5": 0.68},
        tags={"raak.commit": "abc"},
        files={"manifest.json": b"{}", "report.html": b"<html>"},
    )
    client = tracked.mlflow.MlflowClient(server)
    run = client.get_run(run_id)
    assert run.info.run_name == "v1"
    assert run.data.params["hybrid.factorisation.epochs"] == "20"
    assert run.data.metrics["what_came_later.hybrid.ndcg_at_5"] == 0.68
    assert run.data.tags["raak.commit"] == "abc"
    assert {file.path for file in client.list_artifacts(run_id)} == {"manifest.json", "report.html"}


@needs_mlflow
@pytest.mark.filterwarnings("default")
def test_a_server_that_is_not_there_is_one_clear_line_without_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    address = f"127.0.0.1:{free_port()}"
    tracked = tracker({"MLFLOW_TRACKING_URI": f"http://me:secret@{address}"})
    assert tracked is not None
    with pytest.raises(TrackingError, match=f"^MLflow at http://{address} failed: ") as raised:
        tracked.check()
    assert "secret" not in str(raised.value)
