"""Many fits in parallel; what an interrupted step had finished is there for the next run."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np
from joblib import Parallel
from numpy.typing import NDArray
from tqdm import tqdm

from .kit.results import hash_inputs
from .kit.workspace import Workspace

NAME_LENGTH = 16
WORTH_PROCESSES = 3_000  # rows; with fewer, starting processes takes longer than the work


def in_parallel(
    workspace: Workspace, jobs: Mapping[str, Any], title: str, rows: int
) -> dict[str, NDArray[np.float64]]:
    """Results by the names of the jobs (`joblib.delayed` calls), with a progress bar.

    Each result waits in models/unfinished until the last is there. The folder's name stands for
    the code, the configuration and the data, so nothing old is taken for new.
    """
    state = json.dumps([title, hash_inputs(workspace), workspace.config], sort_keys=True)
    name = hashlib.sha256(state.encode()).hexdigest()[:NAME_LENGTH]
    folder = workspace.models / "unfinished" / name
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in jobs if not (folder / f"{name}.npy").exists()]
    finished = Parallel(n_jobs=workers(rows), return_as="generator")(jobs[name] for name in missing)
    progress = tqdm(total=len(jobs), initial=len(jobs) - len(missing), desc=title, unit="fit")
    with progress:
        for name, result in zip(missing, finished, strict=True):
            partial = folder / "partial.npy"
            np.save(partial, result)
            partial.replace(folder / f"{name}.npy")
            progress.update()
    results = {name: np.load(folder / f"{name}.npy") for name in jobs}
    shutil.rmtree(folder)
    return results


def workers(rows: int) -> int:
    """Processes for fits on so many rows, as joblib counts them: -1 for one a core."""
    return -1 if rows > WORTH_PROCESSES else 1
