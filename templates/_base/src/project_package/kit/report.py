"""Write the numbers of the last evaluation into the write-up, between its markers.

A marker pair looks like `<!-- result:headline -->` … `<!-- /result:headline -->`; everything
between the two is replaced, everything else is the author's and stays.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import bench, journal
from .results import EXPLORATION, require_unedited
from .statistics import BETTER, UNCLEAR, WORSE, Interval, decimal
from .workspace import COMMAND, ProjectError, Workspace, read_json

MODEL_CARD = "MODEL_CARD.md"
WRITE_UPS = ("README.md", "REPORT.md", "EXPERIMENTS.md", MODEL_CARD, "data/README.md")
WORST_SHOWN = 3
MARKED = re.compile(
    r"(?P<start><!-- result:(?P<name>[\w-]+) -->\n).*?(?P<end><!-- /result:(?P=name) -->)",
    re.DOTALL,
)
SAMPLE_WARNING = (
    "> **Made from the sample.** These numbers come from the small sample, not from the real "
    "data: they show that the program runs, nothing else.\n\n"
)


def run(workspace: Workspace) -> None:
    """Fill every write-up that exists; say which sections were filled.

    Raises ProjectError when metrics.json no longer says what `evaluate` found.
    """
    texts = all_sections(workspace)
    journal.draw(workspace)
    there = {name: workspace.root / name for name in WRITE_UPS if (workspace.root / name).exists()}
    filled = {name: fill(path, texts) for name, path in there.items()}
    told = ", ".join(f"{name} {count}" for name, count in filled.items() if count)
    print(f"sections filled: {told or 'none'}")


def all_sections(workspace: Workspace) -> dict[str, Callable[[Path], str]]:
    """Every section of every write-up: of the evaluation, the attempts and the service's load."""
    made = sections(found_by(workspace)) | sections_on_attempts(workspace)
    return made | section_on_load(workspace)


def found_by(workspace: Workspace) -> dict[str, Any]:
    """What `evaluate` found, and beside it what `explore` saw.

    Raises ProjectError when metrics.json no longer says what was found.
    """
    results, explored = require_unedited(workspace), workspace.reports / EXPLORATION
    if explored.exists():
        results["exploration"] = read_json(explored, made_by="explore")
    return results


def run_on_attempts(workspace: Workspace) -> None:
    """Fill what the write-ups tell of attempts, and leave the rest of them as it is."""
    journal.draw(workspace)
    for name in WRITE_UPS:
        path = workspace.root / name
        if path.exists():
            fill(path, sections_on_attempts(workspace), others_stay=True)


def run_on_load(workspace: Workspace) -> None:
    """Fill what the model card tells of the service's load, and leave the rest of it as it is."""
    card = workspace.root / MODEL_CARD
    if card.exists():
        fill(card, section_on_load(workspace), others_stay=True)


def fill(
    path: Path, texts: Mapping[str, Callable[[Path], str]], *, others_stay: bool = False
) -> int:
    """Replace what stands between markers; returns how many sections were filled.

    Raises ProjectError, with the file untouched, when a marker names no known section, unless
    the sections that are not in `texts` are to stay as they are.
    """
    before = path.read_text(encoding="utf-8")
    names = [match["name"] for match in MARKED.finditer(before)]
    unknown = [name for name in names if name not in texts]
    if unknown and not others_stay:
        raise ProjectError(
            f"{path.name} asks for unknown results: {', '.join(unknown)}; "
            f"known are {', '.join(sorted(texts))}"
        )
    after = MARKED.sub(
        lambda match: (
            f"{match['start']}{texts[match['name']](path).rstrip()}\n{match['end']}"
            if match["name"] in texts
            else match[0]
        ),
        before,
    )
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return len(names) - len(unknown)


def sections_on_attempts(workspace: Workspace) -> dict[str, Callable[[Path], str]]:
    """The sections that tell of attempts; there are some before the first one too."""
    entries, importance = journal.read_log(workspace), journal.table_of_importance(workspace)
    sample = bool(entries) and bool(entries[0]["frozen"]["sample"])
    told = (SAMPLE_WARNING if sample else "") + journal.account(entries)
    table = journal.table_of_attempts(entries) if entries else None
    return {
        "attempts": lambda _: told,
        "table-attempts": lambda _: markdown_table(table, sample) if table else "",
        "figure-attempts": lambda path: (
            figure(journal.FIGURE, journal.PICTURE, path, sample) if entries else ""
        ),
        "table-importance": lambda _: (
            markdown_table(importance, sample)
            if importance
            else f"*Not searched yet: `{COMMAND} tune` does it and writes it here.*"
        ),
    }


def section_on_load(workspace: Workspace) -> dict[str, Callable[[Path], str]]:
    """What `bench` measured of this model, or that it did not."""
    table = bench.as_table(workspace)
    told = table if isinstance(table, str) else markdown_table(table, workspace.holds_sample)
    return {"load": lambda _: told}


def sections(results: Mapping[str, Any]) -> dict[str, Callable[[Path], str]]:
    """Every section by name, each as a function of the file that it goes into."""
    sample = results["data"]["sample"]
    made: dict[str, Callable[[Path], str]] = {
        "headline": lambda _: (SAMPLE_WARNING if sample else "") + headline(results),
        "verdict": lambda _: verdict(results),
        "metrics": lambda _: (SAMPLE_WARNING if sample else "") + metrics_table(results),
        "run": lambda _: provenance(results),
    }
    made["worst"] = lambda _: worst(results)
    made["exploration"] = lambda path: exploration(results, path)
    made["studies"] = lambda path: "\n".join(
        f"### {study['title']}\n\n{study['text']}\n\n{shown(results, study, path, sample)}"
        for study in results.get("studies", {}).values()
    )
    for name, table in results["tables"].items():
        made[f"table-{name}"] = lambda _, table=table: markdown_table(table, sample)
    for name, note in results["notes"].items():
        made[f"note-{name}"] = lambda _, note=note: ("(Sample run.) " if sample else "") + note
    for name, picture in results["figures"].items():
        made[f"figure-{name}"] = lambda path, name=name, picture=picture: figure(
            name, picture, path, sample
        )
    return made


def worst(results: Mapping[str, Any]) -> str:
    """The first rows of the worst errors: what the author is asked about."""
    errors = results["tables"]["errors"]
    first = {**errors, "rows": errors["rows"][:WORST_SHOWN]}
    number = len(first["rows"])
    caption = f"The {number} worst errors of this run; more under Error analysis in REPORT.md."
    return markdown_table({**first, "caption": caption}, results["data"]["sample"])


def exploration(results: Mapping[str, Any], path: Path) -> str:
    """What `explore` saw in the training set."""
    explored = results.get("exploration", {"figures": {}, "tables": {}, "notes": {}})
    return shown(explored, explored, path, results["data"]["sample"])


def shown(
    results: Mapping[str, Any], names: Mapping[str, Any], path: Path, sample: bool = False
) -> str:
    """Those figures, tables and notes of `results` that are named, one below the other."""
    parts = [figure(name, results["figures"][name], path, sample) for name in names["figures"]]
    parts += [markdown_table(results["tables"][name], sample) for name in names["tables"]]
    parts += [("(Sample run.) " if sample else "") + results["notes"][n] for n in names["notes"]]
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


VERDICTS = {
    BETTER: "The model is better than {baseline}: the whole interval of the difference lies on "
    "its side of zero.",
    UNCLEAR: "There is no clear difference from {baseline}: the interval of the difference "
    "includes zero.",
    WORSE: "The model is worse than {baseline}: the whole interval of the difference lies on the "
    "other side of zero.",
}


def verdict(results: Mapping[str, Any]) -> str:
    """What the difference allows to say; names whatever turned out ahead of the baseline."""
    found, better = results["comparison"], results["primary"]["higher_is_better"]
    named, *others = results["baselines"]
    ahead = [
        row["name"]
        for row in others
        if row["value"] != named["value"] and (row["value"] > named["value"]) == better
    ]
    said = VERDICTS[found["verdict"]].format(baseline=found["baseline"])
    if ahead:
        said += (
            f" In this measurement {' and '.join(ahead)} came out ahead of {found['baseline']}, "
            "named the strongest simple method before: see the table of baselines in REPORT.md."
        )
    return said


def headline(results: Mapping[str, Any]) -> str:
    """The result and its verdict in sentences, and the table that backs them."""
    primary, found, rows = results["primary"], results["comparison"], results["predictions"]
    value = Interval(primary["value"], *primary["ci"])
    return (
        f"**{primary['label']} {value}** on {primary['measured_on']} ({rows['rows']:,} "
        f"{rows['unit']}); strongest simple method, {found['baseline']}: "
        f"{decimal(primary['baseline'])}. The model minus that, in pairs: "
        f"{Interval(found['difference'], *found['ci']).signed}, where "
        f"{'higher' if primary['higher_is_better'] else 'lower'} is better. "
        f"**{verdict(results)}** In brackets: 95 % intervals.\n\n" + metrics_table(results)
    )


def metrics_table(results: Mapping[str, Any]) -> str:
    """Every metric: baseline, model and 95 % interval; only the first has a verdict."""
    rows = [
        [
            f"{score['label']} {'↑' if score['higher_is_better'] else '↓'}",
            "–" if score["baseline"] is None else score["baseline"],
            *_value_and_interval(score),
        ]
        for score in results["metrics"].values()
    ]
    columns = ["metric", results["primary"]["baseline_name"], "model", "95 % interval"]
    return _markdown_rows(columns, rows) + (
        "\n*Intervals are the model's own; the verdict is on the first row alone.*\n"
    )


def provenance(results: Mapping[str, Any]) -> str:
    """Where the numbers come from, so that they can be had again."""
    data, run = results["data"], results["run"]
    packages = ", ".join(f"{name} {version}" for name, version in run["packages"].items())
    kind = f"the **sample** ({data['source']})" if data["sample"] else data["source"]
    reads = results["test_reads"]["count"]
    times = "once" if reads == 1 else f"{reads} times"
    told = [f"{read['date']}: {read['why']}" for read in results["test_reads"].get("reads", ())]
    log = "; ".join([*told, "data/access.jsonl"])
    changed = " with changes that were not committed" if run.get("patch") else ""
    return (
        f"{data['rows']:,} rows from {kind} (content SHA-256 `{data['sha256'][:16]}`), seed "
        f"{run['seed']}, commit `{(run['commit'] or 'none')[:10]}`{changed}, "
        f"Python {run['python']}. The test set has been read {times} in this project, by "
        f"`evaluate` alone ({log}); "
        "what each method said of it stands in reports/predictions.csv. "
        f"Packages: {packages}."
    )


def markdown_table(table: Mapping[str, Any], sample: bool = False) -> str:
    """A table with its caption."""
    caption = table["caption"] + (" (sample run)" if sample else "")
    return f"{_markdown_rows(table['columns'], table['rows'])}\n*{caption}*\n"


def figure(name: str, picture: Mapping[str, str], path: Path, sample: bool = False) -> str:
    """An image with its text, its address relative to the file that shows it."""
    up = "../" if path.parent.name == "data" else ""
    caption = picture["caption"] + (" (sample run)" if sample else "")
    return f"![{picture['alt']}]({up}reports/figures/{name}.svg)\n\n*{caption}*\n"


def _value_and_interval(score: Mapping[str, Any]) -> tuple[str, str]:
    """A score in two cells."""
    value, interval = str(Interval(score["value"], *score["ci"])).split(" ", 1)
    return f"**{value}**", interval


def _markdown_rows(columns: list[str], rows: list[list[Any]]) -> str:
    right = [bool(rows) and isinstance(rows[0][i], int | float) for i in range(len(columns))]
    lines = [
        "| " + " | ".join(columns) + " |",
        "| " + " | ".join("---:" if numeric else "---" for numeric in right) + " |",
    ]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(str(value).split()).replace("|", "\\|")
