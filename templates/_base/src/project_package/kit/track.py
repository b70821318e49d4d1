"""Attempts in MLflow as well, where the variable MLFLOW_TRACKING_URI names a place for them."""

import importlib
import os
from typing import Any

from .journal import Entry, read_log
from .provenance import hash_value
from .workspace import ProjectError, Workspace

ADDRESS = "MLFLOW_TRACKING_URI"
LINE = "line"  # the tag that says which line of the log a run is


def track(workspace: Workspace) -> int:
    """Send what is on record and not in MLflow yet; returns how many attempts were sent.

    Nothing happens where no address is given. Raises ProjectError when MLflow is not installed or
    does not answer; the next attempt sends what was left behind.
    """
    if not os.environ.get(ADDRESS):
        return 0
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # 7 of them take minutes
    try:
        mlflow: Any = importlib.import_module("mlflow")
    except ModuleNotFoundError:
        raise ProjectError(
            f'{ADDRESS} is set and MLflow is not there: pip install -e ".[track]"; the attempt is '
            "on record here"
        ) from None
    try:
        place = mlflow.set_experiment("project_package").experiment_id
        runs = mlflow.search_runs([place], output_format="list")
        known = {run.data.tags.get(LINE) for run in runs}
        new = [entry for entry in read_log(workspace) if hash_value(entry) not in known]
        for entry in new:
            _send(mlflow, entry)
    except mlflow.exceptions.MlflowException as error:
        raise ProjectError(
            f"MLflow does not answer, and the attempt is on record here: {error}"
        ) from error
    return len(new)


def _send(mlflow: Any, entry: Entry) -> None:
    metrics = {
        "value": entry["value"],
        "value_low": entry["ci"][0],
        "value_high": entry["ci"][1],
        "seconds": entry["seconds"],
    }
    for name in ("baseline", "best"):
        if entry[name]:
            metrics[f"minus_{name}"] = entry[name]["difference"]
    told = ("why", "by", "verdict", "commit", "patch", "code", "configuration", "folds")
    tags = {name: str(entry[name]) for name in told} | {LINE: hash_value(entry)}
    with mlflow.start_run(run_name=f"attempt {entry['number']}", tags=tags):
        mlflow.log_params(entry["settings"])
        mlflow.log_metrics(metrics)
