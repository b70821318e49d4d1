import itertools
import json
import re

import pytest

from project_package.kit import provenance, report, results
from project_package.kit.report import VERDICTS, WRITE_UPS
from project_package.kit.results import (
    METRICS,
    Study,
    Table,
    read_results,
    require_unedited,
    write_exploration,
)
from project_package.kit.statistics import (
    BETTER,
    UNCLEAR,
    WORSE,
    Interval,
    compare,
    decimal,
)
from project_package.kit.workspace import (
    PROJECT_ROOT,
    ProjectError,
    Workspace,
    write_json,
)

import independent
from conftest import new_workspace

NUMBER = re.compile(r"[-+]?\d+\.\d+")


def verdicts_in(text: str) -> list[str]:
    """The verdicts that a text gives, by the words before the baseline's name."""
    return [known for known, said in VERDICTS.items() if said.split("{")[0] in text]


def made_up(verdict: str, others: str, sample: bool = False) -> dict:
    """Results in which no two numbers are alike, with another verdict on every other baseline."""
    numbers = itertools.count(101)

    def score(label: str) -> dict:
        low, value, high, baseline = (next(numbers) / 1000 for _ in range(4))
        return {"label": label, "value": value, "ci": [low, high], "baseline": baseline,
                "higher_is_better": True}  # fmt: skip

    def baseline(name: str, found: str) -> dict:
        return {"name": name, "column": name, "role": "simple", **score(name), "verdict": found,
                "difference": next(numbers) / 1000, "difference_ci": [-0.9, 0.9]}  # fmt: skip

    primary = {"name": "first", **score("First"), "baseline_name": "rule", "measured_on": "rows"}
    return {
        "primary": primary,
        "comparison": {"baseline": "rule", "difference": 0.871, "ci": [0.861, 0.881],
                       "verdict": verdict},
        "baselines": [baseline("rule", verdict), baseline("a", others), baseline("b", others)],
        "metrics": {"first": primary, "second": score("Second")},
        "tables": {"t": {"caption": "Caption.", "columns": ["name", "n", "score"],
                         "rows": [["x", 12345, 0.4567], ["y|z", 2, "0.1 [0.0, 0.2]"]]},
                   "errors": {"caption": "All.", "columns": ["id"],
                              "rows": [["a"], ["b"], ["c"], ["d"]]}},
        "predictions": {"rows": 5678, "unit": "mails"},
        "notes": {"n": "A note."},
        "figures": {"f": {"caption": "Drawn.", "alt": "In words"}},
        "data": {"source": "committed sample" if sample else "publisher", "rows": 4321,
                 "sha256": "a" * 64, "sample": sample},
        "run": {"seed": 77, "commit": "c" * 40, "python": "3.x", "packages": {"numpy": "9.9"}},
        "test_reads": {"count": 3, "head": "", "reads": [{"date": "1999-12-31", "why": "a look"}]},
        "studies": {"s": {"title": "Study", "text": "Asked.", "tables": [], "figures": [],
                          "notes": ["n"]}},
        "exploration": {"tables": {}, "figures": {}, "notes": {"e": "Seen."}},
    }  # fmt: skip


def test_a_study_is_a_section_of_its_own_with_all_that_it_brought() -> None:
    given = made_up(BETTER, WORSE)
    for kind, name in (("tables", "own"), ("figures", "own"), ("notes", "own")):
        given[kind][name] = next(iter(given[kind].values()))
    given["notes"]["own"] = "What came out."
    study = {"title": "Later mail", "text": "What was asked.", "tables": ["own"]}
    given["studies"] = {"later": {**study, "figures": ["own"], "notes": ["own"]}}
    text = report.sections(given)["studies"](PROJECT_ROOT / "REPORT.md")
    assert text.startswith("### Later mail\n\nWhat was asked.\n\n![In words](")
    assert "| x | 12,345 | 0.457 |" in text
    assert text.rstrip().endswith("What came out.")


def test_the_author_is_asked_about_the_worst_errors_of_this_run() -> None:
    made = report.sections(made_up(BETTER, WORSE))["worst"](PROJECT_ROOT / "README.md")
    rows = [line for line in made.splitlines() if line.startswith("| ")][2:]
    assert rows == ["| a |", "| b |", "| c |"]


def test_results_that_do_not_tell_of_their_reads_are_written_all_the_same() -> None:
    """Those of a project that has just been updated from 0.1.0."""
    given = made_up(BETTER, WORSE)
    del given["test_reads"]["reads"], given["studies"], given["exploration"]
    made, path = report.sections(given), PROJECT_ROOT / "REPORT.md"
    assert "by `evaluate` alone (data/access.jsonl)" in made["run"](path)
    assert made["studies"](path) == made["exploration"](path) == ""


def test_what_was_explored_stands_in_the_report(copy: Workspace) -> None:
    table = Table("Seen in training.", ["what", "n"], [["rows", 123]])
    write_exploration(copy, Study("Exploration", "", {"seen": table}, {}, {"n": "Half are spam."}))
    report.run(copy)
    text = (copy.root / "REPORT.md").read_text(encoding="utf-8")
    assert "| rows | 123 |" in text
    assert "Half are spam." in text


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("others", VERDICTS)
def test_the_write_up_gives_the_verdict_on_the_strongest_and_no_other(verdict, others) -> None:
    made, path = report.sections(made_up(verdict, others)), PROJECT_ROOT / "README.md"
    for name in ("headline", "verdict"):
        text = made[name](path)
        assert verdicts_in(text) == [verdict], name


def test_each_verdict_is_in_words_of_its_own() -> None:
    assert set(VERDICTS) == {BETTER, UNCLEAR, WORSE}
    assert "The model is better than" in VERDICTS[BETTER]
    assert "no clear difference" in VERDICTS[UNCLEAR]
    assert "The model is worse than" in VERDICTS[WORSE]


def test_every_number_stands_in_its_own_place() -> None:
    given, path = made_up(BETTER, WORSE), PROJECT_ROOT / "README.md"
    made = report.sections(given)
    first, second = given["primary"], given["metrics"]["second"]
    sentence = made["headline"](path).split("\n")[0]
    expected = [first["value"], *first["ci"], first["baseline"], 0.871, 0.861, 0.881]
    assert [float(found) for found in NUMBER.findall(sentence)] == pytest.approx(expected)
    rows = [line for line in made["metrics"](path).splitlines() if line.startswith("| ")][2:]
    for line, score in zip(rows, (first, second), strict=True):
        shown = [score["baseline"], score["value"], *score["ci"]]
        assert [float(found) for found in NUMBER.findall(line)] == pytest.approx(shown)
    assert "| metric | rule | model |" in made["metrics"](path)
    table = made["table-t"](path)
    assert "| x | 12,345 | 0.457 |" in table
    assert "| y\\|z | 2 | 0.1 [0.0, 0.2] |" in table
    for told in ("4,321 rows", "publisher", "a" * 16, "seed 77", "c" * 10, "3 times", "numpy 9.9"):
        assert told in made["run"](path)


@pytest.mark.parametrize("sample", [True, False])
def test_every_section_of_a_sample_says_so_and_none_of_a_run_does(sample: bool) -> None:
    made = report.sections(made_up(BETTER, WORSE, sample))
    for name, section in made.items():
        if name != "verdict":
            text = section(PROJECT_ROOT / "README.md").lower()
            assert ("sample" in text) == sample, name


@pytest.mark.parametrize("part", ["primary", "comparison", "baselines", "metrics", "tables"])
def test_numbers_changed_after_the_evaluation_reach_no_write_up(copy: Workspace, part) -> None:
    path = copy.reports / METRICS
    text = path.read_text(encoding="utf-8")
    before = [(copy.root / name).read_bytes() for name in WRITE_UPS]
    for found in list(re.finditer(rf'"{part}": [^\n]*\n.*?\d\.(\d)\d', text, re.S))[:1]:
        digit = "2" if found[1] == "1" else "1"
        changed = f"{text[: found.start(1)]}{digit}{text[found.end(1) :]}"
        assert json.loads(changed) != json.loads(text)
        path.write_text(changed, encoding="utf-8")
        with pytest.raises(ProjectError, match="evaluate` again"):
            report.run(copy)
    assert [(copy.root / name).read_bytes() for name in WRITE_UPS] == before


EDITED = [
    ("primary", "value"), ("primary", "ci", 0), ("primary", "ci", 1), ("primary", "baseline"),
    ("comparison", "difference"), ("comparison", "ci", 0), ("comparison", "verdict"),
    ("comparison", "baseline"), ("baselines", 0, "value"), ("baselines", -1, "value"),
    ("baselines", -1, "ci", 0), ("baselines", 0, "difference"),
    ("baselines", 0, "difference_ci", 1), ("baselines", 0, "verdict"), ("baselines", -1, "verdict"),
    ("test_reads", "count"), ("predictions", "sha256"),
]  # fmt: skip


def test_whoever_renews_the_digest_as_well_is_found_out(copy: Workspace, monkeypatch) -> None:
    known = []

    def once(*rows, **options):
        if not known:
            known.append(compare(*rows, **options))
        return known[0]

    monkeypatch.setattr(results, "compare", once)
    require_unedited(copy)
    text = (copy.reports / METRICS).read_text(encoding="utf-8")
    words = {BETTER: WORSE, WORSE: UNCLEAR, UNCLEAR: BETTER}
    for *path, last in EDITED:
        edited = inner = json.loads(text)
        for key in path:
            inner = inner[key]
        old = inner[last]
        inner[last] = words.get(old, "other") if isinstance(old, str) else old + 1
        plain = {key: value for key, value in edited.items() if key != "digests"}
        edited["digests"]["results"] = provenance.hash_value(plain)
        write_json(copy.reports / METRICS, edited)
        with pytest.raises(ProjectError):
            require_unedited(copy)


def test_the_readme_says_what_metrics_json_says(trained: Workspace) -> None:
    written = read_results(trained)
    primary, found = written["primary"], written["comparison"]
    readme = (trained.root / "README.md").read_text(encoding="utf-8")
    assert str(Interval(primary["value"], *primary["ci"])) in readme
    assert f"in pairs: {Interval(found['difference'], *found['ci']).signed}," in readme
    assert f"{found['baseline']}: {decimal(primary['baseline'])}" in readme
    for path in (trained.root / name for name in WRITE_UPS):
        told = set(verdicts_in(path.read_text("utf-8")))
        assert told <= {found["verdict"]}, path.name
    assert report.verdict(written) in readme
    rows = {line.split(" | ")[0].strip("| ") for line in readme.splitlines() if line[:2] == "| "}
    for score in written["metrics"].values():
        assert f"{score['label']} {'↑' if score['higher_is_better'] else '↓'}" in rows


def test_the_committed_write_up_is_up_to_date(tmp_path) -> None:
    """Numbers edited by hand, or left from an earlier run, fail here."""
    if not (PROJECT_ROOT / "reports" / METRICS).exists():
        assert "Not run yet" in (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
        return
    told = report.all_sections(Workspace())
    copy = new_workspace(tmp_path)
    for name in WRITE_UPS:
        before = (copy.root / name).read_text(encoding="utf-8")
        report.fill(copy.root / name, told)
        assert (copy.root / name).read_text(encoding="utf-8") == before, f"{name} is stale"


def test_a_sample_says_that_it_is_one(trained: Workspace) -> None:
    assert read_results(trained)["data"]["sample"] is True
    for name in ("README.md", "REPORT.md", "MODEL_CARD.md"):
        text = (trained.root / name).read_text(encoding="utf-8")
        assert "Made from the sample" in text, name


def test_filling_twice_changes_nothing(copy: Workspace) -> None:
    before = (copy.root / "REPORT.md").read_bytes()
    report.run(copy)
    assert (copy.root / "REPORT.md").read_bytes() == before


def test_what_stands_outside_the_markers_is_the_authors(copy: Workspace) -> None:
    path = copy.root / "README.md"
    path.write_text("Mine.\n" + path.read_text(encoding="utf-8") + "Mine too.\n", encoding="utf-8")
    report.run(copy)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("Mine.", "Mine too.")


def test_a_marker_for_an_unknown_result_is_refused(copy: Workspace) -> None:
    path = copy.root / "README.md"
    text = "<!-- result:nonsense -->\nold\n<!-- /result:nonsense -->\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="nonsense"):
        report.run(copy)
    assert path.read_text(encoding="utf-8") == text


def test_every_figure_of_the_write_up_was_drawn(trained: Workspace) -> None:
    for name, picture in read_results(trained)["figures"].items():
        assert picture["alt"], name
        assert (trained.figures / f"{name}.svg").stat().st_size > 1_000, name
        assert (trained.figures / f"{name}.png").stat().st_size > 1_000, name


def test_every_metric_has_an_interval_around_its_value(trained: Workspace) -> None:
    """What grows with chance itself, see independent.py, may lie below all of its draws."""
    for name, metric in read_results(trained)["metrics"].items():
        low, high = metric["ci"]
        assert low <= high, name
        assert metric["value"] <= high, name
        assert low <= metric["value"] or name in getattr(independent, "GROWS", ()), name


def test_every_interval_of_a_table_is_around_its_value(trained: Workspace) -> None:
    number = r"([-+]?\d[\d,]*(?:\.\d+)?)"  # hundreds have no decimals
    written = re.compile(rf"{number} \[{number}, {number}\]")
    found = 0
    for name, table in read_results(trained)["tables"].items():
        for row in table["rows"]:
            assert len(row) == len(table["columns"]), name
            for cell in row:
                for ends in written.findall(str(cell)):
                    value, low, high = (float(end.replace(",", "")) for end in ends)
                    assert low <= value <= high, f"{name}: {row}"
                    found += 1
    assert found > 3


def test_a_simple_method_that_turns_out_ahead_of_the_one_named_is_told() -> None:
    named, other = {"name": "rule", "value": 0.5}, {"name": "counts", "value": 0.6}
    results = {
        "comparison": {"baseline": "rule", "verdict": "better"},
        "primary": {"higher_is_better": True},
        "baselines": [named, other],
    }
    assert "counts came out ahead of rule" in report.verdict(results)
    assert "ahead" not in report.verdict(results | {"primary": {"higher_is_better": False}})
