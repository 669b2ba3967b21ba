"""Runs on Dask workers."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.regress.digits import COMPILED, HEAD, QUICK, jobs, ran, write_suite
from tests.resources import package

LOST = '[[model]]\nname = "lost"\npath = "gone.onnx"\n'


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_local_cluster(tmp_path: Path) -> None:
    package("distributed")
    distributed = importlib.import_module("distributed")
    suite = write_suite(tmp_path, HEAD, LOST, QUICK)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, scheduler_port=0, protocol="tcp://"
    ) as cluster:
        code, report = ran(suite, "--dask", cluster.scheduler_address)
    assert code == 2
    found = {name: (job["status"], bool(job["host"])) for name, job in jobs(report).items()}
    assert found == {"digits/quick": ("green", True), "lost/quick": ("unusable", True)}


def test_without_dask_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    code, report = ran(write_suite(tmp_path, HEAD, COMPILED), "--dask", "tcp://127.0.0.1:1")
    assert code == 4
    assert "HWC602" in str(report["errors"]) and "hwcomp[dask]" in str(report["errors"])


@pytest.mark.parametrize("arguments", [("--dask-jobqueue", "cron"), ("--dask", "tcp://x:1", "--dask-jobqueue", "lsf")])
def test_wrong_places_are_usage_errors(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert ran(write_suite(tmp_path, HEAD, QUICK), *arguments)[0] == 2


def test_a_scheduler_that_is_away_is_a_missing_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package("distributed")
    monkeypatch.setattr("hwcomp.regress.cluster._CONNECT_SECONDS", 1)
    code, report = ran(write_suite(tmp_path, HEAD, QUICK), "--dask", "tcp://127.0.0.1:1")
    assert code == 4 and "HWC601" in str(report["errors"])
