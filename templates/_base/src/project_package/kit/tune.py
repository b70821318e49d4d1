"""Search the ranges of config.toml with Optuna; the best trial becomes an attempt.

A trial is scored as an attempt is: on the fixed folds of the training set. Trials are kept in a
storage, by default a file beside the log, so that a search can be stopped and gone on with, and
so that many processes, on many machines if the storage is a server, can share one.
"""

import importlib
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import experiments, journal
from .experiments import TUNE, KnownAttemptError, attempt, begin
from .journal import Entry
from .provenance import hash_value
from .workspace import ProjectError, Workspace, setting_names, write_json

if TYPE_CHECKING:
    import optuna

TRIALS = "trials.db"
PAUSE = 1.0  # seconds


def tune(
    workspace: Workspace, trials: int, minutes: float | None = None, storage: str | None = None
) -> tuple[Entry | None, bool]:
    """Try `trials` settings or for `minutes`; returns the attempt made of the best, if it is new.

    Ctrl-C ends the search and keeps what was found; the second value says whether it came.
    The search goes on with the trials of earlier ones that had the same code, data, ranges and
    other settings. Raises ProjectError where a range names no number of config.toml.
    """
    optuna = _optuna()
    ranges = read_ranges(workspace)
    settings, first = setting_names(workspace.config), begin(workspace)[0]
    study = _study(optuna, workspace, ranges, first, storage)

    def objective(trial: "optuna.Trial") -> float:
        # By number, so that no two workers draw alike and a search that goes on does not repeat.
        study.sampler = optuna.samplers.TPESampler(seed=workspace.seed + trial.number)
        chosen = {name: _suggest(trial, name, ranges[name], settings[name]) for name in ranges}
        try:
            return experiments.score(_with(workspace, chosen), first).score.value
        except KeyboardInterrupt:
            stopped.append(trial.number)
            study.stop()
            raise optuna.TrialPruned from None

    stopped: list[int] = []
    seconds = None if minutes is None else 60 * minutes
    try:
        study.optimize(
            objective, trials, timeout=seconds, catch=(ProjectError, ValueError),
            show_progress_bar=sys.stderr.isatty(),
        )  # fmt: skip
    except KeyboardInterrupt:
        stopped.append(-1)
    finished = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    if not finished:
        failed = study.get_trials(states=[optuna.trial.TrialState.FAIL])
        raise ProjectError(
            f"no trial was finished, {len(failed)} failed: see what `try` says to such values"
        )
    _write_importance(optuna, workspace, study, len(finished))
    why = f"the best of {len(finished)} trials"
    return _as_attempt(_with(workspace, study.best_params), why), bool(stopped)


def read_ranges(workspace: Workspace) -> dict[str, Mapping[str, Any]]:
    """What may be tuned, by name; raises ProjectError when a range is none or fits no setting."""
    known = setting_names(workspace.config)
    ranges: dict[str, Mapping[str, Any]] = workspace.config_file.get("ranges", {})
    if not ranges:
        raise ProjectError("config.toml has no [ranges]: nothing says what may be tuned")
    for name, given in ranges.items():
        if name not in known:
            raise ProjectError(f"[ranges] has {name!r}, which config.toml does not")
        if name == "seed" or name.endswith("folds"):
            raise ProjectError(f"[ranges] has {name!r}: the folds are fixed, and no luck is tuned")
        ends = given.get("choices") or [given.get("low"), given.get("high")]
        kinds = {int, float} if isinstance(known[name], float) else {type(known[name])}
        if not {type(end) for end in ends} <= kinds:
            raise ProjectError(
                f"[ranges] {name!r} wants low and high, or choices, of the type of {known[name]!r}"
            )
        if "choices" not in given and ends[0] >= ends[1]:
            raise ProjectError(f"[ranges] {name!r}: low must be below high")
    return ranges


def _study(
    optuna: Any,
    workspace: Workspace,
    ranges: Mapping[str, Any],
    first: Entry,
    storage: str | None,
) -> "optuna.Study":
    """The study of this code, these data, ranges and other settings; the settings come first."""
    settings = setting_names(workspace.config)
    fixed = {name: value for name, value in settings.items() if name not in ranges}
    about = [fixed, ranges, first["folds"], first["frozen"]["metric"], experiments.code()]
    place = storage or f"sqlite:///{(journal.folder(workspace) / TRIALS).as_posix()}"
    higher = first["frozen"]["higher_is_better"]
    study = optuna.create_study(
        storage=_open(optuna, place),
        study_name=f"project_package-{hash_value(about)[:12]}",
        direction="maximize" if higher else "minimize",
        load_if_exists=True,
    )
    study.enqueue_trial({name: settings[name] for name in ranges}, skip_if_exists=True)
    return study


def _open(optuna: Any, place: str) -> Any:
    """The storage; tried twice, as workers that make its tables at once hinder each other."""
    refused = importlib.import_module("sqlalchemy.exc").SQLAlchemyError
    try:
        try:
            return optuna.storages.get_storage(place)
        except refused:
            time.sleep(PAUSE)
            return optuna.storages.get_storage(place)
    except ImportError as error:
        missing = error.__cause__ or error
        raise ProjectError(f"the storage needs a driver, install it: {missing}") from error
    except refused as error:
        raise ProjectError(f"the storage cannot be used: {error}") from error


def _suggest(trial: "optuna.Trial", name: str, given: Mapping[str, Any], now: Any) -> Any:
    if "choices" in given:
        return trial.suggest_categorical(name, given["choices"])
    low, high, log = given["low"], given["high"], given.get("log", False)
    if isinstance(now, int):
        return trial.suggest_int(name, low, high, log=log)
    return trial.suggest_float(name, low, high, log=log)


def _with(workspace: Workspace, chosen: Mapping[str, Any]) -> Workspace:
    return replace(workspace, overrides={**workspace.overrides, **chosen})


def _as_attempt(best: Workspace, why: str) -> Entry | None:
    """The attempt made of the best trial; None when these settings were tried before."""
    try:
        return attempt(best, why, by=TUNE)
    except KnownAttemptError:
        return None


def _write_importance(optuna: Any, workspace: Workspace, study: "optuna.Study", n: int) -> None:
    """Write experiments/importance.json, once there are trials that differ."""
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=workspace.seed)
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (ValueError, RuntimeError):  # one trial, or all of them alike
        return
    rounded = {name: round(share, 4) for name, share in found.items()}
    path = journal.folder(workspace) / journal.IMPORTANCE
    write_json(path, {"trials": n, "importance": rounded})


def _optuna() -> Any:
    try:
        optuna = importlib.import_module("optuna")
    except ModuleNotFoundError:
        raise ProjectError('`tune` needs Optuna: pip install -e ".[tune]"') from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
