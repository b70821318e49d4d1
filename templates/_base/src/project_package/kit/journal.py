"""The record of attempts: experiments/log.jsonl, and what EXPERIMENTS.md and README show of it.

Each line of the log holds the hash of the line before it, and head.json that of the last one, so
that none can be taken out, changed or moved without being noticed. What was answered in an attempt
is kept beside the log and out of git; experiments.py makes it again when it is missing.
"""

import hashlib
import json
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock
from numpy.typing import ArrayLike, NDArray

from .statistics import BETTER, Interval
from .workspace import (
    COMMAND,
    ManifestError,
    ProjectError,
    Workspace,
    hash_files,
    read_json,
    write_json,
    write_whole,
)

LOG, HEAD, IMPORTANCE = "log.jsonl", "head.json", "importance.json"
FIGURE = "attempts"
WIDTH = 79  # columns of what is printed
PICTURE = {
    "caption": "Every attempt in order, on the fixed folds of the training set.",
    "alt": "The value of each attempt with its interval, the best so far as a line, and the frozen "
    "baseline as another",
}
NONE = f'No attempt yet: `{COMMAND} try "why" --set table.key=value` makes one and writes it here.'
Entry = dict[str, Any]


def folder(workspace: Workspace) -> Path:
    """Where the record is."""
    return workspace.root / "experiments"


def locked(workspace: Workspace) -> FileLock:
    """Held while a line is added, as several processes may `tune` at once."""
    folder(workspace).mkdir(exist_ok=True)
    return FileLock(folder(workspace) / ".lock")


def read_log(workspace: Workspace) -> list[Entry]:
    """Every attempt in order; raises ManifestError when a line was removed, changed or moved."""
    lines, entries, hashes = _lines(workspace), [], [""]
    for number, line in enumerate(lines):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            entry = {}
        if (entry.get("number"), entry.get("previous")) != (number, hashes[-1]):
            raise _changed(f"before attempt {number}")
        entries.append(entry)
        hashes.append(_hash(line))
    head = folder(workspace) / HEAD
    last = read_json(head, made_by="try") if head.exists() else {"attempts": 0, "sha256": ""}
    # One line more than the head knows of is what a crash between the two leaves.
    if not len(lines) - 1 <= last["attempts"] <= len(lines):
        raise _changed("at its end")
    if hashes[last["attempts"]] != last["sha256"]:
        raise _changed(f"in attempt {last['attempts'] - 1}")
    return entries


def append(workspace: Workspace, entry: Entry, answers: ArrayLike) -> Entry:
    """Write the answers, then the line, then the head, each of them whole or not at all.

    Call it with the record `locked`; returns the entry as it stands in the log.
    """
    lines = _lines(workspace)
    entry["held_out"] = write_answers(workspace, entry["number"], answers)
    entry["previous"] = _hash(lines[-1]) if lines else ""
    lines.append(json.dumps(entry, ensure_ascii=False))
    write_whole(folder(workspace) / LOG, "\n".join(lines) + "\n")
    head = {"attempts": len(lines), "sha256": _hash(lines[-1])}
    write_json(folder(workspace) / HEAD, head)
    return entry


def set_aside(workspace: Workspace) -> None:
    """What was tried on the sample makes room for attempts on the data themselves."""
    for name in (LOG, HEAD, IMPORTANCE):
        path = folder(workspace) / name
        if path.exists():
            path.replace(path.with_name(f"sample-{name}"))


def best_of(entries: Sequence[Entry]) -> Entry:
    """The attempt with the best value; of equals the first."""
    sign = 1 if entries[0]["frozen"]["higher_is_better"] else -1
    return max(entries, key=lambda entry: sign * entry["value"])


def find(entries: Sequence[Entry], number: int) -> Entry:
    """The attempt of that number; raises ProjectError when there is none."""
    if not 0 <= number < len(entries):
        known = f"0 to {len(entries) - 1}" if entries else "none so far"
        raise ProjectError(f"there is no attempt {number}; on record: {known}")
    return entries[number]


def read_answers(workspace: Workspace, name: object, digest: str) -> NDArray | None:
    """What was answered, one entry a row; None when the file is gone or is not the one written."""
    path = _answers_path(workspace, name)
    if not path.exists() or hash_files([path]) != digest:
        return None
    return pd.read_csv(path)["answer"].to_numpy()


def write_answers(workspace: Workspace, name: object, answers: ArrayLike) -> str:
    """Write one answer a row; returns the file's SHA-256."""
    path = _answers_path(workspace, name)
    table = pd.DataFrame({"answer": answers})
    write_whole(path, table.to_csv(index=False, float_format="%.8g", lineterminator="\n"))
    return hash_files([path])


def rounded(answers: ArrayLike) -> NDArray:
    """Answers as their file holds them, so that a file read again gives the same number."""
    column = pd.Series(answers).reset_index(drop=True)
    if not pd.api.types.is_float_dtype(column):
        return column.to_numpy()
    return column.map(lambda value: float(f"{value:.8g}")).to_numpy()


def table_of_attempts(entries: Sequence[Entry]) -> dict[str, Any]:
    """Caption, columns and rows."""
    rows = [
        [
            str(entry["number"]),
            entry["why"] + (" (tune)" if entry["by"] == "tune" else ""),
            _changes(entry, entries[entry["best"]["number"]]) if entry["best"] else "–",
            str(Interval(entry["value"], *entry["ci"])),
            _signed(entry["baseline"]),
            f"{_signed(entry['best'])} (№ {entry['best']['number']})" if entry["best"] else "–",
            entry["verdict"],
            f"{entry['seconds']:.1f}",
        ]
        for entry in entries
    ]
    frozen = entries[0]["frozen"]
    baseline = Interval(frozen["baseline"]["value"], *frozen["baseline"]["ci"])
    arrow = "↑" if frozen["higher_is_better"] else "↓"
    caption = (
        f"{metric_of(frozen).capitalize()} {arrow} on the fixed folds of the training set, never "
        "on the test set, with 95 % intervals. "
        f"Frozen baseline: {frozen['baseline']['name']}, {baseline}. "
        "Differences are in pairs on the same draws, the second one from the best attempt "
        "before; the verdict is on that."
    )
    columns = ["№", "why", "what changed", "value", "minus the baseline", "minus the best before",
               "verdict", "seconds"]  # fmt: skip
    return {"caption": caption, "columns": columns, "rows": rows}


def tell(entry: Entry) -> str:
    """An attempt for a terminal of 80 columns."""
    told = f"attempt {entry['number']}: {Interval(entry['value'], *entry['ci'])}, {entry['why']}"
    told += f"; minus the baseline {_signed(entry['baseline'])}"
    if best := entry["best"]:
        told += f"; minus attempt {best['number']} {_signed(best)}: {entry['verdict']}"
    return textwrap.fill(f"{told}; {entry['seconds']} s", WIDTH, subsequent_indent="  ")


def account(entries: Sequence[Entry]) -> str:
    """The attempts in a few sentences."""
    if not entries:
        return f"*{NONE}*"
    best, tried, frozen = best_of(entries), entries[1:], entries[0]["frozen"]
    no_better = sum(entry["verdict"] != BETTER for entry in tried)
    name = f"number {best['number']} ({best['why']})" if best["number"] else "still the start"
    found = best["baseline"]
    return (
        f"{len(tried)} attempt{'s' * (len(tried) != 1)} after the start, {no_better} of them not "
        f"better than the best before. The best is {name}: {metric_of(frozen)} "
        f"{Interval(best['value'], *best['ci'])}; minus the frozen baseline, "
        f"{frozen['baseline']['name']}: {_signed(found)}, {found['verdict']}. All of this is on "
        "fixed folds of the training set; whoever picks the best of several picks some luck "
        "with it, and the test set tells how much. Each attempt with its reason: "
        "[EXPERIMENTS.md](EXPERIMENTS.md)."
    )


def table_of_importance(workspace: Workspace) -> dict[str, Any] | None:
    """How much of what trials differed by each number explains; None before any `tune`."""
    path = folder(workspace) / IMPORTANCE
    if not path.exists():
        return None
    found = read_json(path, made_by="tune")
    caption = (
        f"What share of the differences between {found['trials']} trials of `tune` goes with "
        "each number (functional ANOVA, Hutter et al., 2014), within its range in config.toml; "
        "on the fixed folds of the training set."
    )
    rows = [[name, float(share)] for name, share in found["importance"].items()]
    return {"caption": caption, "columns": ["number", "importance"], "rows": rows}


def draw(workspace: Workspace) -> None:
    """Draw the value of each attempt, the best so far and the baseline, once there are attempts."""
    entries = read_log(workspace)
    if not entries:
        return
    from .figures import BASELINE, INK, MODEL, figure

    frozen, numbers = entries[0]["frozen"], [entry["number"] for entry in entries]
    best = [best_of(entries[: number + 1])["value"] for number in numbers]
    baseline = frozen["baseline"]
    with figure(workspace.figures / FIGURE) as (_, axes):
        for entry in entries:
            axes.plot([entry["number"]] * 2, entry["ci"], color=INK, linewidth=1.5)
        values = [entry["value"] for entry in entries]
        axes.plot(numbers, values, "o", color=MODEL, label="attempt, 95 % interval")
        axes.step(numbers, best, where="post", color=MODEL, label="best so far")
        axes.axhline(
            baseline["value"], color=BASELINE, linestyle="--", label=f"baseline: {baseline['name']}"
        )
        axes.set(xlabel="attempt", ylabel=metric_of(frozen), xlim=(-0.5, max(numbers) + 0.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend()


def metric_of(frozen: Mapping[str, Any]) -> str:
    """The metric's name in words."""
    return str(frozen["metric"]).replace("_", " ")


def _changes(entry: Entry, before: Entry) -> str:
    """What is another than in the attempt it is compared with."""
    old, new = before["settings"], entry["settings"]
    changed = [
        f"{name} {old.get(name, '–')} → {new.get(name, '–')}"
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    ]
    return ", ".join([*changed, *(["code"] if entry["code"] != before["code"] else [])])


def _signed(found: Mapping[str, Any]) -> str:
    return Interval(found["difference"], *found["ci"]).signed


def _answers_path(workspace: Workspace, name: object) -> Path:
    return folder(workspace) / "held_out" / f"{name}.csv"


def _lines(workspace: Workspace) -> list[str]:
    path = folder(workspace) / LOG
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _changed(where: str) -> ManifestError:
    return ManifestError(
        f"experiments/{LOG} was changed {where}: bring it and {HEAD} back with git"
    )
