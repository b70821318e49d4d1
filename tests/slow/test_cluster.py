"""More than one machine: a scheduler and two workers, one of them killed at work."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rotation import turn
from tests.slow.projects import command, house_prices, program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(not turn(["cluster"]), reason="its turn is another day"),
]

ENV = {**os.environ, "OMP_NUM_THREADS": "1"}
VICTIM = "victim"
BOTH_ARE_THERE = (
    "import sys; from distributed import Client;"
    "Client(sys.argv[1]).wait_for_workers(2, timeout=120)"
)
VICTIM_IS_AT_WORK = f"""
import sys, time
from distributed import Client
client = Client(sys.argv[1])
[victim] = [
    address for address, about in client.scheduler_info(n_workers=-1)["workers"].items()
    if about["name"] == {VICTIM!r}
]
until = time.monotonic() + 240
while not client.processing()[victim]:
    assert time.monotonic() < until, "it has no work"
    time.sleep(0.02)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """House prices with its real data, trained on one machine, and with what a cluster needs."""
    here = tmp_path_factory.mktemp("cluster")
    made = house_prices(here, extras="cluster")
    for step in ("data", "train"):
        assert _run(made, step).returncode == 0
    return made


@contextmanager
def cluster(project: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with two workers, and one of these."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    dask, started = program(project, "dask"), []
    host, port = address.split(":")
    worker = ["worker", f"tcp://{address}", "--no-nanny", "--nthreads", "1", "--no-dashboard"]
    with (project.parent / "dask.log").open("ab") as log:
        for words in (
            ["scheduler", "--host", host, "--port", port, "--no-dashboard"],
            [*worker, "--name", "other"],
            [*worker, "--name", VICTIM],
        ):
            called = [dask, *words]
            started.append(
                subprocess.Popen(called, cwd=project.parent, env=ENV, stdout=log, stderr=log)
            )
    try:
        _ask(project, BOTH_ARE_THERE, f"tcp://{address}")
        yield f"tcp://{address}", started[-1]
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a worker at work may not listen
                process.kill()
                process.wait(60)


def test_a_worker_killed_at_work_changes_no_number(project: Path) -> None:
    made = [project / "models" / name for name in ("model.skops", "training.json")]
    alone = {path: path.read_bytes() for path in made}
    with cluster(project) as (address, victim):
        trained = subprocess.Popen(command(project, "train", "--on", address), cwd=project, env=ENV)
        _ask(project, VICTIM_IS_AT_WORK, address)
        victim.kill()
        assert victim.wait(60) == -signal.SIGKILL
        assert trained.poll() is None, "it was over before"
        assert trained.wait(timeout=600) == 0
    for path, content in alone.items():
        assert path.read_bytes() == content, path.name


def test_attempts_and_a_search_find_the_same_on_a_cluster(project: Path) -> None:
    words = ["try", "fewer leaves follow the sales less closely", "--set", "model.leaves=7"]
    search = ["tune", "--trials", "2", "--minutes", "5"]
    records, alone = project / "experiments", project / "alone"
    for step in (words, search):
        assert _run(project, *step).returncode == 0
    records.rename(alone)
    with cluster(project) as (address, _):
        for step in (words, search):
            assert _run(project, *step, "--on", address).returncode == 0
    assert _numbers(records) == _numbers(alone)
    assert len(_numbers(records)) >= 2


def test_where_no_scheduler_answers_nothing_waits(project: Path) -> None:
    gone = _run(project, "train", "--on", "tcp://127.0.0.1:1")
    assert gone.returncode == 1
    assert "error: no scheduler answers" in gone.stderr
    tests = [program(project, "python"), "-m", "pytest", "-q", "tests/kit/test_cluster.py"]
    assert subprocess.run(tests, cwd=project, check=False).returncode == 0


def _numbers(records: Path) -> list[dict[str, object]]:
    """The attempts on record, without times."""
    lines = (records / "log.jsonl").read_text(encoding="utf-8").splitlines()
    times = {"seconds", "previous", "hash", "sha256", "time"}
    return [
        {name: value for name, value in json.loads(line).items() if name not in times}
        for line in lines
    ]


def _run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(project, *words), cwd=project, env=ENV, capture_output=True, text=True, check=False
    )


def _ask(project: Path, question: str, address: str) -> None:
    asked = [program(project, "python"), "-c", question, address]
    subprocess.run(asked, check=True, env=ENV, timeout=300)
