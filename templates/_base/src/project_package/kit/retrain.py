"""A challenger of the model that is served, and whether it may take its place.

It learns by the project's own recipe from the training set and feedback: labelled rows in a file,
which the author brings, as the service keeps no inputs. The newest of them are fresh: nothing has
learned from a row of their groups, and no comparison has asked them before. On these both models
are compared, in pairs. The test set stays closed. A project's `feedback.py` says what a line holds
(Labelled), what rows it makes (tabulate: with columns id, group, known, time, truth; known to the
training set), how they join the training set (join), and what a model says of them (say), judged
by METRIC.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from .holdout import fingerprints, in_test_set, read_manifest
from .monitoring import SHIFTED, examine
from .provenance import current_commit, model_files
from .registry import PROMOTED, REJECTED, describe_model, enter, read_registry, serving
from .served import model_version
from .statistics import (
    BETTER,
    MEASURES,
    WORSE,
    Interval,
    bootstrap,
    decimal,
    paired_difference,
    verdict,
)
from .workspace import ProjectError, Workspace, hash_files, write_json

TRAIN = "train"
FEEDBACK = "data/feedback.jsonl"  # ignored by git: it holds inputs


@dataclass(frozen=True)
class Parts:
    """Rows to learn from, fresh ones, and how many are in neither."""

    learned: pd.DataFrame
    fresh: pd.DataFrame
    left_out: int


def retrain(
    workspace: Workspace, path: Path, *, promote: bool = True, trusted: bool = False
) -> str:
    """Make a challenger, compare, put it on record with the reason; returns what happened.

    Without `promote` nothing is kept and nobody's place is taken. `trusted` says that somebody
    looked at truths that the model contradicts. Raises ProjectError for a file that is no feedback.
    """
    from .. import train

    settings, champion = workspace.config_file["retrain"], serving(workspace)
    describe_model(champion)
    rows = read_rows(workspace, path)
    parts = split(rows, settings["fresh"])
    if len(parts.fresh) < settings["least"]:
        raise ProjectError(
            f"{path.name} has {len(parts.fresh):,} fresh rows, and {settings['least']:,} are "
            "needed to compare two models (`least` in config.toml): what is related to a row that "
            "was learned from, or was asked before, is not fresh"
        )
    if not trusted:
        require_plausible(champion, parts.fresh)
    with TemporaryDirectory() as folder:
        challenger = prepare(workspace, Path(folder), parts.learned)
        train.run(challenger)
        name = model_version(challenger)
        entry = compare(champion, challenger, parts, settings)
        entry["data"]["file"] = hash_files([path])
        if promote:
            if name in read_registry(workspace)["versions"]:
                raise ProjectError(f"this gives version {name} again, which is on record already")
            place = replace(workspace, version=name).models
            shutil.copytree(challenger.models, place, dirs_exist_ok=True)
            enter(workspace, name, entry)
    return "\n".join(tell(name, entry, parts, promote))


def read_rows(workspace: Workspace, path: Path) -> pd.DataFrame:
    """The rows of a file, checked line by line, and none of them of the test set.

    `known` is true where the model that is served has learned from a row of the same group, or a
    comparison has asked for one.
    """
    from .. import data, feedback

    if not path.exists():
        raise ProjectError(f"{path} is not there: one JSON object a line, an input and its truth")
    if not path.stat().st_size:
        raise ProjectError(f"{path.name} is empty")
    lines = []  # ended by line feeds alone: a mail may hold other ends of lines
    for number, line in enumerate(path.read_bytes().removesuffix(b"\n").split(b"\n"), start=1):
        try:
            lines.append(feedback.Labelled.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise ProjectError(f"{path.name}, line {number}: {where}: {first['msg']}") from None
    rows = feedback.tabulate(workspace, lines)
    rows["fingerprint"] = fingerprints(data.inputs(rows))
    if leaked := np.flatnonzero(in_test_set(workspace, rows.fingerprint)).tolist():
        shown = ", ".join(str(number + 1) for number in leaked[:10])
        raise ProjectError(
            f"{path.name} has {len(leaked):,} rows of the test set, which has to stay unseen: take "
            f"out line{'s' if len(leaked) > 1 else ''} {shown}{', ...' if len(leaked) > 10 else ''}"
        )
    known = rows.known | rows.fingerprint.isin(used(workspace))
    return rows.assign(known=known.groupby(rows.group).transform("any"))


def used(workspace: Workspace) -> set[str]:
    """Fingerprints of feedback that the served model learned from, or that was asked before."""
    registry, found = read_registry(workspace), set()
    for name, entry in registry["versions"].items():
        told = entry.get("feedback", {"asked": "", "learned": ""})
        found |= set(told["asked"].split())
        if name == registry["served"]:
            found |= set(told["learned"].split())
    return found


def split(rows: pd.DataFrame, share: float) -> Parts:
    """The newest groups that nobody knows, with `share` of such rows, are fresh.

    What came no later than the first fresh row, and is not of their groups, is learned from.
    """
    new = rows[~rows.known].assign(line=np.arange((~rows.known).sum()))
    by_group = new.groupby("group")
    groups = by_group[["time", "line"]].min().sort_values(["time", "line"])
    is_fresh = by_group.size()[groups.index].cumsum() > (1 - share) * len(new)
    fresh = rows[rows.group.isin(groups.index[is_fresh])]
    others = rows[~rows.group.isin(groups.index[is_fresh])]
    learned = others[others.time <= fresh.time.min()] if len(fresh) else others
    return Parts(learned, fresh, len(others) - len(learned))


def require_plausible(champion: Workspace, rows: pd.DataFrame) -> None:
    """Raise ProjectError when the model agrees with the truths as if they were dealt at random.

    Labels that were swapped look so, or columns in another order; a world that is another one, too.
    """
    from .. import feedback

    if rows.truth.astype(str).nunique() == 1:
        raise ProjectError("all truths of the fresh rows are alike, so they compare nothing")
    order = np.random.default_rng(champion.seed).permutation(len(rows))
    dealt = rows.assign(truth=rows.truth.to_numpy()[order])
    measure = MEASURES[feedback.METRIC]
    columns = [
        np.asarray(column, float)
        for each in (rows, dealt)
        for column in (truth_of(each), feedback.say(champion, each))
    ]

    def above_chance(y: NDArray, said: NDArray, other: NDArray, said_of: NDArray) -> float:
        return measure(y, said) - measure(other, said_of)

    found = bootstrap(above_chance, *columns, groups=rows.group, seed=champion.seed)
    if verdict(found, feedback.HIGHER_IS_BETTER) != BETTER:
        raise ProjectError(
            "the truths look swapped: the model agrees with them no better than if they were dealt "
            f"at random (difference in {feedback.METRIC} {found.signed}); look at them, and if "
            "they are right, say so with --trusted"
        )


def prepare(workspace: Workspace, root: Path, learned: pd.DataFrame) -> Workspace:
    """A workspace with the training set and these rows, and without the test set."""
    from .. import feedback

    manifest = read_manifest(workspace)
    sealed = manifest["parts"].pop("test")
    shutil.copyfile(workspace.root / "config.toml", root / "config.toml")
    held_back = shutil.ignore_patterns(sealed["file"])
    shutil.copytree(workspace.processed, root / "data" / "processed", ignore=held_back)
    challenger = replace(workspace, root=root)
    write_json(challenger.manifest, manifest)
    feedback.join(challenger, learned)
    path = challenger.processed / manifest["parts"][TRAIN]["file"]
    manifest["parts"][TRAIN] |= {"sha256": hash_files([path]), "feedback": len(learned)}
    write_json(challenger.manifest, manifest)
    return challenger


def compare(
    champion: Workspace, challenger: Workspace, parts: Parts, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Both models on the fresh rows, and what follows from it, as the registry keeps it."""
    from .. import feedback
    from ..watch import WATCH

    fresh, higher, measure = parts.fresh, feedback.HIGHER_IS_BETTER, MEASURES[feedback.METRIC]
    options: dict[str, Any] = {"groups": fresh.group, "seed": champion.seed}
    truth = truth_of(fresh)
    new, old = (np.asarray(feedback.say(each, fresh), float) for each in (challenger, champion))
    difference = paired_difference(measure, truth, new, old, **options)
    value, before = (bootstrap(measure, truth, said, **options) for said in (new, old))
    drifted = examine(champion, WATCH).code == SHIFTED
    promoted, reason = judge(difference, higher, settings["margin"], drifted)
    manifest, version = read_manifest(champion), model_version(champion)
    return {
        "sha256": hash_files(model_files(challenger)),
        "status": PROMOTED if promoted else REJECTED,
        "reason": reason,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "drifted": drifted,
        "primary": {
            "name": feedback.METRIC,
            "label": feedback.METRIC.replace("_", " "),
            "value": value.value,
            "ci": [value.low, value.high],
            "baseline": before.value,
            "baseline_name": f"version {version} before it",
            "higher_is_better": higher,
            "measured_on": f"{len(fresh):,} fresh rows of feedback",
        },
        "comparison": {
            "baseline": version,
            "difference": difference.value,
            "ci": [difference.low, difference.high],
            "verdict": verdict(difference, higher),
        },
        "data": {
            "source": f"{manifest['source']}, and {len(parts.learned):,} rows of feedback",
            "rows": manifest["rows"] + len(parts.learned),
            "sample": manifest["sample"],
        },
        "commit": current_commit(champion.root),
        "feedback": {
            "learned": " ".join(parts.learned.fingerprint),
            "asked": " ".join(fresh.fingerprint),
        },
    }


def judge(
    difference: Interval, higher_is_better: bool, margin: float, drifted: bool
) -> tuple[bool, str]:
    """Whether the challenger is promoted, and why or why not."""
    told = f"{difference.signed} on fresh rows"
    found = verdict(difference, higher_is_better)
    spread = difference.high - difference.low
    if not np.isfinite(spread) or (difference.value and not spread):  # none: all are of one group
        return False, f"the fresh rows do not give the metric an interval: {told}"
    if found == BETTER:
        return True, f"better: {told}"
    worst = -difference.low if higher_is_better else difference.high
    if drifted and worst <= margin:
        return True, f"the champion has drifted, and it is not worse by more than {margin}: {told}"
    if found == WORSE:
        return False, f"worse: {told}"
    why = f"it may be worse by more than {margin}" if drifted else "the champion has not drifted"
    return False, f"not better: {told}, and {why}"


def truth_of(rows: pd.DataFrame) -> NDArray:
    """Truths as numbers; they stand for nothing where `say` gives each row's own score."""
    from .. import feedback

    return np.zeros(len(rows)) if feedback.METRIC == "mean" else rows.truth.to_numpy(float)


def tell(name: str, entry: Mapping[str, Any], parts: Parts, promote: bool) -> Iterator[str]:
    """What was compared, and what became of it."""
    primary, before = entry["primary"], entry["comparison"]["baseline"]
    yield (
        f"feedback: {len(parts.learned):,} rows to learn from, {len(parts.fresh):,} fresh, "
        f"{parts.left_out:,} left out, as they came after the first fresh one"
    )
    yield (
        f"champion {before}: {primary['label']} {decimal(primary['baseline'])}; "
        f"challenger {name}: {Interval(primary['value'], *primary['ci'])}"
    )
    yield f"the champion has {'drifted' if entry['drifted'] else 'not drifted'}, says `monitor`"
    yield f"{'' if promote else 'would be '}{entry['status']}: {entry['reason']}"
