"""Attempts: try an idea on fixed folds of the training set, keep what holds, repeat any of them.

The test set stays closed: scored is what `train.held_out` answers for rows of the training set by
models that had not seen them, in pairs with a frozen baseline and with the best attempt so far.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import tomlkit
from numpy.typing import ArrayLike, NDArray

from . import journal
from .holdout import TEST, read_manifest
from .journal import Entry, best_of, find, read_log, rounded
from .provenance import current_commit, digests_of_code, hash_value, uncommitted
from .statistics import (
    MEASURES,
    Interval,
    Predictions,
    bootstrap,
    paired_difference,
    truth_of,
    verdict,
)
from .workspace import ProjectError, Workspace, setting_names, write_whole

START = "where this project started"
AUTHOR, TUNE = "author", "tune"
BASELINE = "baseline"  # the file with the frozen baseline's answers
FIRST = (
    "what stands here is on record now as attempt 0, the start; there was nothing to compare it "
    "with. Change something, and try again. If you had changed the code before: put that aside "
    "(git stash), move experiments/ away, try once, bring it back (git stash pop), and try it then"
)
SAME = 1e-6  # relative: what one machine and the next may differ by


class KnownAttemptError(ProjectError):
    """These settings and this code are on record already."""


@dataclass(frozen=True)
class Scored:
    """What the settings of `workspace` gave, and how long it took."""

    workspace: Workspace
    said: Predictions
    score: Interval
    seconds: float

    @property
    def answers(self) -> NDArray:
        """What the model said of every row."""
        return self.said.rows["model"].to_numpy()

    def minus(self, other: ArrayLike) -> dict[str, Any]:
        """Difference from other answers to the same rows, on the same draws of groups."""
        rows, seed = self.said.rows, self.workspace.seed
        measure, truth = MEASURES[self.said.metric], truth_of(rows)
        found = paired_difference(
            measure, truth, self.answers, other, groups=rows["group"], seed=seed
        )
        return {
            "difference": found.value,
            "ci": [found.low, found.high],
            "verdict": verdict(found, self.said.higher_is_better),
        }


def attempt(workspace: Workspace, why: str, by: str = AUTHOR) -> Entry:
    """Score the settings in effect, `workspace.overrides` among them; returns the line logged.

    The first time, the settings as they stand become attempt 0. Raises ProjectError for an empty
    `why`, for settings and code that were tried before, and for folds or rows that are not those
    of attempt 0; ManifestError when the log was changed. Whatever stops it leaves no line.
    """
    why = " ".join(why.split())
    if not why:
        raise ProjectError("say why you try this: the reason is what you will read later")
    tried = hash_value(workspace.config), code()
    first = not read_log(workspace)
    entries = begin(workspace)
    if first and (entries[0]["configuration"], entries[0]["code"]) == tried:
        raise KnownAttemptError(FIRST)
    _refuse_known(entries, *tried)
    scored = score(workspace, entries[0])
    with journal.locked(workspace):
        entries = read_log(workspace)
        _refuse_known(entries, *tried)  # by another process, meanwhile
        best = best_of(entries)
        entry = _entry(len(entries), why, by, scored)
        entry["baseline"] = scored.minus(_baseline(scored, entries[0]))
        answers = journal.read_answers(workspace, best["number"], best["held_out"])
        if answers is None:
            answers = _again(workspace, best, entries[0])
        entry["best"] = {"number": best["number"], **scored.minus(answers)}
        entry["verdict"] = entry["best"]["verdict"]
        return journal.append(workspace, entry, scored.answers)


def repeat(workspace: Workspace, number: int) -> Entry:
    """Make an attempt again; raises ProjectError unless it gives the number on record."""
    entries = read_log(workspace)
    entry = find(entries, number)
    _again(workspace, entry, entries[0])
    return entry


def keep(workspace: Workspace, number: int) -> dict[str, Any]:
    """Write an attempt's values into config.toml, comments untouched; returns what changed.

    On the sample, a value that stands in a table of `[sample]` is replaced there.
    """
    changed = _differences(workspace, find(read_log(workspace), number))
    path = workspace.root / "config.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    for name, value in changed.items():
        *tables, key = name.split(".")
        table: Any = document
        inside: Any = document.get("sample", {}) if workspace.holds_sample else {}
        for each in tables:
            table, inside = table[each], inside.get(each, {})
        (inside if tables and key in inside else table)[key] = value
    write_whole(path, tomlkit.dumps(document))
    return changed


def begin(workspace: Workspace) -> list[Entry]:
    """The log; the first time with attempt 0, the settings as they stand, and the baseline."""
    entries, plain = read_log(workspace), Workspace(workspace.root)
    if entries and entries[0]["frozen"]["sample"] and not plain.holds_sample:
        journal.set_aside(workspace)
        entries = []
    if entries:
        return entries
    from .. import train

    scored, answers = score(plain), rounded(train.held_out_baseline(plain))
    said = scored.said
    value = _interval(said, answers, plain.seed)
    entry = _entry(0, START, AUTHOR, scored)
    entry |= {"baseline": scored.minus(answers), "best": None, "verdict": "start"}
    entry["frozen"] = {
        "metric": said.metric,
        "higher_is_better": said.higher_is_better,
        **_frozen(plain),
        "baseline": {
            "name": next(iter(said.baselines), "the strongest simple method"),
            "value": value.value,
            "ci": [value.low, value.high],
            "held_out": journal.write_answers(workspace, BASELINE, answers),
        },
    }
    with journal.locked(workspace):
        return read_log(workspace) or [journal.append(workspace, entry, scored.answers)]


def score(workspace: Workspace, first: Entry | None = None) -> Scored:
    """Score out-of-fold answers; with `first`, refuse other data, seed, rows or folds than its."""
    from .. import train

    known = first["frozen"] if first else _frozen(workspace)
    for name, now in _frozen(workspace).items():
        if known[name] != now:
            raise _other(name)
    started = time.perf_counter()
    said = train.held_out(workspace)
    seconds = round(time.perf_counter() - started, 1)
    asked = said.rows.get("part_of", said.rows["id"]).astype(str)
    if not set(asked).isdisjoint(_test_ids(workspace)):
        raise ProjectError("rows of the test set were scored; an attempt is for the training set")
    said = replace(said, rows=said.rows.assign(model=rounded(said.rows["model"])))
    if first and (first["folds"], known["metric"]) != (_folds(said), said.metric):
        raise _other("rows, folds or metric")
    found = _interval(said, said.rows["model"], workspace.seed)
    if not math.isfinite(found.value):
        raise ProjectError(f"these settings give no number: {said.metric} is {found.value}")
    return Scored(workspace, said, found, seconds)


def _refuse_known(entries: Sequence[Entry], configuration: str, code_digest: str) -> None:
    for entry in entries:
        if (entry["configuration"], entry["code"]) == (configuration, code_digest):
            raise KnownAttemptError(
                f"that is attempt {entry['number']} again ({entry['why']}): change a setting with "
                "--set, or the code, and try then"
            )


def _entry(number: int, why: str, by: str, scored: Scored) -> Entry:
    """A line of the log, without what it is compared with."""
    workspace = scored.workspace
    return {
        "number": number,
        "why": why,
        "set": dict(workspace.overrides),
        "by": by,
        "value": scored.score.value,
        "ci": [scored.score.low, scored.score.high],
        "seconds": scored.seconds,
        "commit": current_commit(workspace.root),
        "patch": uncommitted(workspace.root),
        "code": code(),
        "files": files(),
        "configuration": hash_value(workspace.config),
        "settings": setting_names(workspace.config),
        "folds": _folds(scored.said),
    }


def _interval(said: Predictions, answers: ArrayLike, seed: int) -> Interval:
    truth, groups = truth_of(said.rows), said.rows["group"]
    return bootstrap(MEASURES[said.metric], truth, answers, groups=groups, seed=seed)


def _again(workspace: Workspace, entry: Entry, first: Entry) -> NDArray:
    """The answers of an attempt made again, which must give its number."""
    again = score(_as_it_was(workspace, entry), first)
    _require_same(f"attempt {entry['number']}", entry["value"], again.score.value, entry)
    journal.write_answers(workspace, entry["number"], again.answers)
    return again.answers


def _baseline(scored: Scored, first: Entry) -> NDArray:
    """The frozen baseline's answers; made again when missing, and required to be equal."""
    workspace, frozen = scored.workspace, first["frozen"]["baseline"]
    kept = journal.read_answers(workspace, BASELINE, frozen["held_out"])
    if kept is None:
        from .. import train

        kept = rounded(train.held_out_baseline(_as_it_was(workspace, first)))
        value = MEASURES[scored.said.metric](truth_of(scored.said.rows), kept)
        _require_same(f"the baseline, {frozen['name']},", frozen["value"], value, first)
        journal.write_answers(workspace, BASELINE, kept)
    return kept


def _require_same(what: str, then: float, now: float, entry: Entry) -> None:
    if math.isclose(then, now, rel_tol=SAME):
        return
    way_out = "look for what is not seeded"
    if entry["code"] != code():
        patch = ", with changes that were not committed" if entry["patch"] else ""
        commit = (entry["commit"] or "none")[:10]
        way_out = f"its code was another (commit {commit}{patch}); go back to that to repeat it"
    raise ProjectError(f"{what} gave {then:.6g} and gives {now:.6g} now: {way_out}")


def _differences(workspace: Workspace, entry: Entry) -> dict[str, Any]:
    """The values of an attempt that are not those of config.toml as it stands now."""
    now = setting_names(Workspace(workspace.root).config)
    return {name: value for name, value in entry["settings"].items() if now.get(name) != value}


def _as_it_was(workspace: Workspace, entry: Entry) -> Workspace:
    return Workspace(workspace.root, overrides=_differences(workspace, entry))


def _frozen(workspace: Workspace) -> dict[str, Any]:
    """What no attempt may change: the data and what deals their rows into folds."""
    manifest, settings = read_manifest(workspace), setting_names(workspace.config)
    folds = {name: value for name, value in settings.items() if name.endswith("folds")}
    data = {"data": manifest["sha256"], "sample": manifest["sample"]}
    return {"seed": workspace.seed, **data, "folds": folds}


def _folds(said: Predictions) -> str:
    """Digest of which row is in which fold, with its group and truth."""
    columns = [name for name in ("id", "group", "stratum", "truth", "fold") if name in said.rows]
    table = said.rows[columns].to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return hash_value(table)


def _test_ids(workspace: Workspace) -> list[str]:
    """Ids of the test set as the manifest lists them, without opening it; of a large one none."""
    ids: list[str] = read_manifest(workspace)["parts"][TEST]["ids"]
    return ids


def code() -> str:
    """Digest of the code that trains."""
    return hash_value(files())


def files() -> dict[str, str]:
    """Digests of the files that train, by their places."""
    return digests_of_code("data", "train")


def _other(what: str) -> ProjectError:
    return ProjectError(
        f"other {what} than attempt 0 was made with, so the numbers could not be compared: undo "
        "that, or move experiments/ away to begin a new record"
    )
