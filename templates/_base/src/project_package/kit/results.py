"""What an evaluation found, and how it is written to reports/metrics.json.

The layout of metrics.json is the same in every project of this kind, so that other programs
(a portfolio page, a check before publishing) can read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .holdout import TEST, Ledger, ledger_rows, read_access, read_manifest, was_read_as
from .provenance import (
    METRICS,
    TIMING,
    current_commit,
    hash_inputs,
    hash_value,
    read_results,
    require_trained_here,
    software,
    study_files,
    uncommitted,
)
from .statistics import (
    HEADLINE_ROUNDS,
    Interval,
    Metric,
    Predictions,
    bootstrap,
    compare,
    read_predictions,
    write_predictions,
)
from .workspace import COMMAND, ProjectError, Workspace, hash_files, read_json, write_json

EXPLORATION, ERRORS = "exploration.json", "errors.csv"
# Part of the caption of every table that is read row by row.
EACH_ALONE = "Intervals are for one row alone: of many rows, some stand out by chance."


@dataclass(frozen=True)
class Score:
    """One metric on the test set: the model with its interval, the baseline beside it."""

    label: str
    model: Interval
    baseline: float | None = None
    higher_is_better: bool = True


@dataclass(frozen=True)
class Table:
    """A table of the write-up; `report` decides how many digits a number gets."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | float | Interval]]


@dataclass(frozen=True)
class Picture:
    """A figure of the write-up: reports/figures/NAME.svg, in words for those who cannot see it."""

    caption: str
    alt: str


@dataclass(frozen=True)
class Study:
    """A question beside the main one: what was asked and how, in `text`, and what came out.

    Tables, figures, notes and scores have names that no other study has, nor the results.
    """

    title: str
    text: str
    tables: Mapping[str, Table] = field(default_factory=dict)
    figures: Mapping[str, Picture] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """All that `evaluate` hands on.

    The headline, its baselines and every verdict are computed from `predictions`; `primary` and
    `label` name their metric, `scores` are further ones. `measured_on` says in a few words what
    the headline was measured on. `ledger` starts at the rows of the test set and ends at those
    of `predictions`; without one, every row is scored.
    `notes` are sentences of the write-up whose numbers come from this run.
    """

    primary: str
    label: str
    predictions: Predictions
    scores: Mapping[str, Score] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    figures: Mapping[str, Picture] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    studies: Mapping[str, Study] = field(default_factory=dict)
    measured_on: str = "rows no model had seen"
    ledger: Ledger | None = None


def slices_table(
    caption: str,
    columns: Sequence[str],
    kinds: Mapping[str, ArrayLike],
    values: ArrayLike,
    groups: ArrayLike,
    seed: int,
    metric: Metric = np.mean,
) -> Table:
    """How `metric` of `values` is for each kind of row (name → mask, shape (n,)) that occurs."""
    value, group, rows = np.asarray(values), np.asarray(groups), []
    for name, mask in kinds.items():
        chosen = np.asarray(mask, dtype=bool)
        if chosen.any():
            found = bootstrap(metric, value[chosen], groups=group[chosen], seed=seed)
            rows.append([name, int(chosen.sum()), found])
    return Table(caption, columns, rows)


def keep_errors(
    workspace: Workspace, errors: pd.DataFrame, shown: Mapping[str, str], caption: str
) -> Table:
    """Write reports/errors.csv; returns its columns `shown` (name → heading) as a table."""
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / ERRORS, index=False, lineterminator="\n")
    rows = errors[list(shown)].astype(object).to_numpy().tolist()
    return Table(f"{caption} (reports/{ERRORS}).", list(shown.values()), rows)


def run_studies(workspace: Workspace, evaluated: Any) -> dict[str, Study]:
    """Ask every module of studies/, by name, for its `study` of what `evaluate` has measured."""
    return {path.stem: run_study(workspace, path.stem, evaluated) for path in study_files()}


def run_study(workspace: Workspace, name: str, evaluated: Any) -> Study:
    """Ask one module of studies/; raises ProjectError when there is none of this name."""
    known = [path.stem for path in study_files()]
    if name not in known:
        raise ProjectError(f"there is no study {name!r}; there are {', '.join(known) or 'none'}")
    module = import_module(f"project_package.studies.{name}")
    study: Study = module.study(workspace, evaluated)
    return study


def write_exploration(workspace: Workspace, study: Study) -> None:
    """Write reports/exploration.json: what `explore` saw in the training set."""
    write_json(workspace.reports / EXPLORATION, study_as_json(study))


def study_as_json(study: Study) -> dict[str, Any]:
    """A study as the write-up shows it."""
    shown = _shown(study.tables, study.figures, study.notes)
    return {"title": study.title, "text": study.text, **shown}


def write_results(workspace: Workspace, results: Results, seconds: float) -> dict[str, Any]:
    """Write reports/predictions.csv, metrics.json and timing.json; returns what metrics.json says.

    `seconds` is what the evaluation took. Raises ProjectError when rows of the test set are
    missing that the ledger does not speak of.
    """
    predictions, manifest = results.predictions, read_manifest(workspace)
    ledger = results.ledger or Ledger(manifest["parts"][TEST]["rows"])
    ledger.require(len(predictions.rows), "what was scored")
    digests = require_trained_here(workspace)
    described = write_predictions(workspace, predictions)
    model, baselines = compare(
        read_predictions(workspace),
        predictions.metric,
        predictions.baselines,
        higher_is_better=predictions.higher_is_better,
        seed=workspace.seed,
    )
    written = {
        **_comparison_as_json(results, model, baselines, [*manifest["ledger"], *ledger.entries]),
        "predictions": described,
        "test_reads": read_access(workspace),
        "data": {key: manifest[key] for key in ("source", "rows", "sha256", "sample")},
        "run": {
            "seed": workspace.seed,
            "commit": current_commit(workspace.root),
            "patch": uncommitted(workspace.root),
            **software(),
        },
        "inputs": hash_inputs(workspace),
    }
    digests |= {"predictions": described["sha256"], "results": hash_value(written)}
    write_json(workspace.reports / METRICS, {**written, "digests": digests})
    training = read_json(workspace.models / TIMING, made_by="train")
    write_json(workspace.reports / TIMING, {**training, "evaluate": round(seconds, 1)})
    return written


def _comparison_as_json(
    results: Results,
    model: Interval,
    baselines: Sequence[Mapping[str, Any]],
    ledger: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Headline, verdict, baselines and all that the write-up shows."""
    strongest = baselines[0]
    first = Score(results.label, model, strongest["value"], results.predictions.higher_is_better)
    tables = {
        "baselines": _baselines_table(first, baselines, results),
        "ledger": Table(
            "Every row lost between the raw file and the score.",
            ["step", "what is counted", "rows in", "dropped", "reason"],
            ledger_rows(ledger),
        ),
        **results.tables,
    }
    figures, notes = dict(results.figures), dict(results.notes)
    scores = {results.primary: first, **results.scores}
    for study in results.studies.values():
        pairs: tuple[tuple[dict[str, Any], Mapping[str, Any]], ...] = (
            (tables, study.tables),
            (figures, study.figures),
            (notes, study.notes),
            (scores, study.scores),
        )
        for mine, theirs in pairs:
            if twice := set(mine) & set(theirs):
                raise ValueError(f"{study.title}: {', '.join(sorted(twice))} is taken")
            mine |= theirs
    return {
        "primary": {
            "name": results.primary,
            **_score_as_json(first),
            "baseline_name": strongest["name"],
            "measured_on": results.measured_on,
        },
        "comparison": {
            "baseline": strongest["name"],
            "difference": strongest["difference"],
            "ci": strongest["difference_ci"],
            "verdict": strongest["verdict"],
        },
        "baselines": baselines,
        "metrics": {name: _score_as_json(score) for name, score in scores.items()},
        "ledger": ledger,
        **_shown(tables, figures, notes),
        "studies": {
            name: {
                "title": study.title,
                "text": study.text,
                **{kind: list(getattr(study, kind)) for kind in ("figures", "tables", "notes")},
            }
            for name, study in results.studies.items()
        },
    }


def require_unedited(workspace: Workspace) -> dict[str, Any]:
    """metrics.json, if it still says what `evaluate` found; raises ProjectError if it does not.

    Its own digest, that of predictions.csv, the comparison computed anew from that file, and
    the log of who read the test set must all agree.
    """
    results = read_results(workspace)
    again = f"run `{COMMAND} evaluate` again"
    if "predictions" not in results:
        raise ProjectError(f"{METRICS} is of an earlier version of this project: {again}")
    plain = {key: value for key, value in results.items() if key != "digests"}
    if results.get("digests", {}).get("results") != hash_value(plain):
        raise ProjectError(f"{METRICS} was changed after `evaluate` wrote it: {again}")
    described = results["predictions"]
    path = workspace.root / described["file"]
    if not path.exists() or hash_files([path]) != described["sha256"]:
        raise ProjectError(f"{described['file']} is not the file that was evaluated: {again}")
    primary, baselines = results["primary"], results["baselines"]
    model, found = compare(
        read_predictions(workspace),
        described["metric"],
        {row["name"]: row["role"] for row in baselines},
        higher_is_better=primary["higher_is_better"],
        seed=results["run"]["seed"],
    )
    told = results["comparison"]
    headline = {**baselines[0], **told, "ci": baselines[0]["ci"], "difference_ci": told["ci"]}
    said = [_numbers(primary), *map(_numbers, baselines), _numbers(headline), [primary["baseline"]]]
    made = [[model.value, model.low, model.high], *map(_numbers, [*found, found[0]])]
    made.append([found[0]["value"]])
    words = [row["verdict"] for row in baselines] + [told["verdict"], told["baseline"]]
    expected = [row["verdict"] for row in found] + [found[0]["verdict"], found[0]["name"]]
    same = all(np.allclose(a, b, rtol=1e-6) for a, b in zip(said, made, strict=True))
    if not same or words != expected:
        raise ProjectError(f"{METRICS} does not follow from {described['file']}: {again}")
    if not was_read_as(workspace, results["test_reads"]):
        raise ProjectError(f"data/access.jsonl and {METRICS} disagree on who read the test set")
    return results


def _numbers(row: Mapping[str, Any]) -> list[float]:
    """Value and interval of a score, and of the difference where there is one."""
    difference = [row["difference"], *row["difference_ci"]] if "difference" in row else []
    return [row["value"], *row["ci"], *difference]


def _baselines_table(
    model: Score, baselines: Sequence[Mapping[str, Any]], results: Results
) -> Table:
    rows: list[list[str | int | float | Interval]] = [
        [
            row["name"],
            row["role"],
            Interval(row["value"], *row["ci"]),
            Interval(row["difference"], *row["difference_ci"]).signed,
            row["verdict"],
        ]
        for row in baselines
    ]
    scored = results.predictions
    return Table(
        f"{model.label[:1].upper()}{model.label[1:]} {'↑' if model.higher_is_better else '↓'} on "
        f"{results.measured_on}: {len(scored.rows):,} {scored.unit} in "
        f"{scored.rows.group.nunique():,} groups of what belongs together, which the bootstrap "
        f"draws {HEADLINE_ROUNDS:,} times. The last two columns compare the model with each "
        "baseline on the same draws. Which simple method counts as the strongest was settled "
        "before the test set was read.",
        ["", "role", "value", "model minus baseline", "the model is"],
        [["model", "–", model.model, "–", "–"], *rows],
    )


def _score_as_json(score: Score) -> dict[str, Any]:
    return {
        "label": score.label,
        "value": score.model.value,
        "ci": [score.model.low, score.model.high],
        "baseline": score.baseline,
        "higher_is_better": score.higher_is_better,
    }


def _shown(
    tables: Mapping[str, Table], figures: Mapping[str, Picture], notes: Mapping[str, str]
) -> dict[str, Any]:
    """What the write-up shows, each kind by name."""
    return {
        "tables": {name: _table_as_json(table) for name, table in tables.items()},
        "figures": {name: asdict(picture) for name, picture in figures.items()},
        "notes": dict(notes),
    }


def _table_as_json(table: Table) -> dict[str, Any]:
    rows = [
        [str(cell) if isinstance(cell, Interval) else cell for cell in row] for row in table.rows
    ]
    return {"caption": table.caption, "columns": list(table.columns), "rows": rows}
