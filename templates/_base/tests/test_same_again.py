"""The same seed gives the same numbers, whatever else the machine is doing."""

import shutil
import subprocess
import sys
from pathlib import Path

from project_package.results import read_results
from project_package.workspace import Workspace

from conftest import run_from_training


def test_a_second_run_beside_a_busy_neighbour_measures_the_same(
    prepared: Workspace, trained: Workspace, tmp_path: Path
) -> None:
    again = Workspace(Path(shutil.copytree(prepared.root, tmp_path / "again")))
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        run_from_training(again)
    finally:
        neighbour.kill()
        neighbour.wait()
    assert read_results(again) == read_results(trained)
