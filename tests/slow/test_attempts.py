"""What needs an extra of the project: tune over PostgreSQL, attempts in MLflow, the notebook."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slow.projects import command, house_prices, install, program

pytestmark = [pytest.mark.slow, pytest.mark.network]

TRIALS = 6  # of each worker
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
ASK = (
    "import optuna, sys;"
    "[name] = optuna.get_all_study_names(sys.argv[1]);"
    "study = optuna.load_study(study_name=name, storage=sys.argv[1]);"
    "import json; print(json.dumps([[t.state.name, t.params, t.value] for t in study.trials]))"
)
RUNS = (
    "import json, mlflow;"
    "mlflow.set_experiment('house_prices');"
    "runs = mlflow.search_runs(output_format='list');"
    "print(json.dumps([[run.info.run_name, run.data.params, run.data.metrics['value'],"
    " run.data.tags['why']] for run in runs]))"
)


@pytest.fixture(scope="module")
def binaries() -> Path:
    """Where initdb and pg_ctl are, from Debian's package if need be."""
    if not _binaries() and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "--yes", "--no-install-recommends", "postgresql"]
        subprocess.run(install, check=False, capture_output=True)
    found = _binaries()
    if found is None:
        pytest.skip("no PostgreSQL here, and only root of a Debian can install one")
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _binaries() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def storage(binaries: Path) -> Iterator[str]:
    """The address of an empty database; the server ends with the test."""
    # It refuses to run as root; the package brings a user for it, whom pytest's folders keep out.
    user = "postgres" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="tune-"))
    if user:
        shutil.chown(home, user)
    port = _free_port()
    cluster, log = home / "cluster", home / "log"
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home}"

    def call(name: str, *words: object) -> None:
        called = [str(binaries / name), "-D", str(cluster), *map(str, words)]
        subprocess.run(called, check=True, cwd=home, user=user, stdout=subprocess.DEVNULL)

    call("initdb", "--username=tuner", "--auth=trust")
    call("pg_ctl", "--wait", "-l", log, "-o", options, "start")
    try:
        yield f"postgresql+psycopg://tuner@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "--wait", "--mode=fast", "stop")
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """House prices on its sample, with the database's driver, MLflow's client and notebooks."""
    here = tmp_path_factory.mktemp("tuned")
    made = house_prices(here, "psycopg[binary]", extras="track,notebook")
    subprocess.run(command(made, "data", "--sample"), cwd=made, check=True)
    return made


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an MLflow server with an environment of its own."""
    home = tmp_path_factory.mktemp("mlflow")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home / "venv")], check=True)
    scripts = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
    install(scripts / "python", "mlflow>=3,<4")
    address = f"http://127.0.0.1:{(port := _free_port())}"
    store = f"sqlite:///{(home / 'runs.db').as_posix()}"
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [str(scripts / "mlflow"), "server", "--backend-store-uri", store, "--port", str(port)],
            cwd=home,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(f"{address}/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def _wait_for(address: str, server: subprocess.Popen[bytes], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.5)


def test_two_workers_share_a_search_over_postgresql(storage: str, project: Path) -> None:
    words = ["tune", "--trials", str(TRIALS), "--minutes", "5", "--storage", storage]
    workers = [
        subprocess.Popen(command(project, *words), cwd=project, env={**os.environ, **ONE_THREAD})
        for _ in range(2)
    ]
    assert [worker.wait(timeout=600) for worker in workers] == [0, 0]

    asked = [program(project, "python"), "-c", ASK, storage]
    trials = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
    assert [state for state, _, _ in trials] == ["COMPLETE"] * 2 * TRIALS
    tried = {json.dumps(params, sort_keys=True) for _, params, _ in trials}
    assert len(tried) >= 2 * TRIALS - 1, "only the first, the settings as they stand, may be twice"

    lines = (project / "experiments" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    start, *found = map(json.loads, lines)
    assert start["number"] == 0
    assert found
    assert {entry["by"] for entry in found} == {"tune"}
    best = min(value for _, _, value in trials)
    assert min(entry["value"] for entry in found) == pytest.approx(best)
    subprocess.run(command(project, "attempts"), cwd=project, check=True)
    assert json.loads((project / "experiments" / "importance.json").read_text())["importance"]


def test_attempts_go_to_a_real_mlflow_server_too(mlflow: str, project: Path) -> None:
    env = {**os.environ, **ONE_THREAD, "MLFLOW_TRACKING_URI": mlflow}
    words = ["try", "fewer leaves follow the sales less closely", "--set", "model.leaves=7"]
    subprocess.run(command(project, *words), cwd=project, env=env, check=True)
    lines = (project / "experiments" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [program(project, "python"), "-c", RUNS]
    said = subprocess.run(asked, cwd=project, env=env, check=True, capture_output=True).stdout
    runs = {name: (params, value, why) for name, params, value, why in json.loads(said)}
    assert len(runs) == len(lines)
    for entry in map(json.loads, lines):
        params, value, why = runs[f"attempt {entry['number']}"]
        assert value == pytest.approx(entry["value"])
        assert why == entry["why"]
        assert params["model.leaves"] == str(entry["settings"]["model.leaves"])


def test_the_exploration_becomes_a_notebook_that_was_executed(project: Path) -> None:
    for step in ("explore", "notebook"):
        subprocess.run(command(project, step), cwd=project, check=True)
    written = (project / "notebooks" / "explore.ipynb").read_text(encoding="utf-8")
    cells = [cell for cell in json.loads(written)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]
    shown = [output for cell in cells for output in cell["outputs"]]
    kinds = {kind for output in shown for kind in output.get("data", {})}
    assert {"text/html", "image/svg+xml"} <= kinds, "tables and figures"
    assert not [output for output in shown if output["output_type"] == "error"]

    again = subprocess.run(command(project, "notebook"), cwd=project, capture_output=True)
    assert again.returncode == 1, "it may be its author's by now"
