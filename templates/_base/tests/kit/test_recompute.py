"""The headline again, by other means: a library's metric, baselines fitted anew, own draws.

What is this project's own stands in independent.py, which imports none of its metrics, loaders
or baselines.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_package import data, evaluate
from project_package.kit import holdout, provenance, report, statistics
from project_package.kit.results import METRICS, read_results, require_unedited
from project_package.kit.statistics import PREDICTIONS, slug
from project_package.kit.workspace import (
    PROJECT_ROOT,
    ProjectError,
    Workspace,
    write_json,
)

import independent
from conftest import Drawn, new_workspace, run_from_training

ROUNDS = 1000
TRAIN = """
import sys
from pathlib import Path
from project_package import train
from project_package.kit import statistics
from project_package.kit.workspace import Workspace
statistics.ROUNDS = int(sys.argv[2])
train.run(Workspace(Path(sys.argv[1])))
"""
FAR = 5  # standard deviations; luck goes so far once in more than a million seeds


@pytest.fixture(params=["sample", "own run"])
def run(request: pytest.FixtureRequest, trained: Workspace) -> Workspace:
    """The run on the sample, and the project's own if there is one."""
    if request.param == "sample":
        return trained
    if not (PROJECT_ROOT / "reports" / METRICS).exists():
        pytest.skip("this project has not been run yet")
    return Workspace()


@pytest.fixture
def sealed(run: Workspace) -> pd.DataFrame:
    """What independent.py reads of the test set, id by id."""
    if not run.processed.exists():
        pytest.skip("the data are not here: run the step `data`")
    return independent.sealed_truth(run).astype({"id": str, "group": str})


def predictions(workspace: Workspace) -> pd.DataFrame:
    return pd.read_csv(workspace.reports / PREDICTIONS, dtype={"id": str, "group": str})


def truth_of(rows: pd.DataFrame) -> np.ndarray:
    """What a metric gets for the truth: with strata two columns, without a truth the scores."""
    if "stratum" in rows:
        return rows[["truth", "stratum"]].to_numpy()
    return (rows["truth"] if "truth" in rows else rows["model"]).to_numpy()


def test_every_row_of_the_sealed_test_set_is_scored_once(
    run: Workspace, sealed: pd.DataFrame
) -> None:
    rows = predictions(run)
    assert list(rows.id) == list(sealed.id)
    assert rows.id.is_unique
    assert rows.group.nunique() == sealed.group.nunique()
    assert len(rows.groupby(["group"]).first()) == len(
        pd.DataFrame({"a": rows.group, "b": sealed.group}).drop_duplicates()
    ), "rows are grouped otherwise than in the sealed file"
    if "truth" in rows:
        pd.testing.assert_series_equal(rows.truth, sealed.truth, check_dtype=False)


def test_the_test_set_is_the_one_in_the_manifest(run: Workspace) -> None:
    part = holdout.read_manifest(run)["parts"]["test"]
    described = read_results(run)["predictions"]
    assert described["rows"] == len(predictions(run))
    if [entry["unit"] for entry in read_results(run)["ledger"]][-1:] == ["rows"] and part["ids"]:
        assert list(predictions(run).id) == part["ids"]


def test_a_librarys_metric_gives_the_same_numbers(run: Workspace) -> None:
    rows, results = predictions(run), read_results(run)
    truth = truth_of(rows)
    value = independent.metric(truth, rows["model"])
    assert value == pytest.approx(results["primary"]["value"], rel=1e-6)
    for row in results["baselines"]:
        alone = independent.metric(truth, rows[row["column"]])
        assert alone == pytest.approx(row["value"], rel=1e-6), row["name"]
        assert value - alone == pytest.approx(row["difference"], abs=1e-6), row["name"]
    strongest = results["baselines"][0]
    assert results["primary"]["baseline"] == strongest["value"]
    assert results["comparison"]["ci"] == strongest["difference_ci"]
    assert results["comparison"]["baseline"] == strongest["name"]


def test_the_same_draws_of_whole_groups_give_the_same_intervals_and_verdict(
    run: Workspace,
) -> None:
    """The bootstrap once more, written out: no interval is of another unit, level or seed."""
    rows, results = predictions(run), read_results(run)
    truth = truth_of(rows)
    strongest = results["baselines"][0]
    model, baseline = rows["model"].to_numpy(), rows[strongest["column"]].to_numpy()
    members = [found for _, found in sorted(rows.groupby("group").indices.items())]
    random = np.random.default_rng(results["run"]["seed"])
    draws = []
    for _ in range(ROUNDS):
        chosen = random.integers(0, len(members), len(members))
        drawn = np.concatenate([members[number] for number in chosen])
        first = independent.metric(truth[drawn], model[drawn])
        draws.append((first, first - independent.metric(truth[drawn], baseline[drawn])))
    ends = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    assert ends[:, 0] == pytest.approx(results["primary"]["ci"], abs=1e-6)
    assert ends[:, 1] == pytest.approx(strongest["difference_ci"], abs=1e-6)
    low, high = strongest["difference_ci"]
    favours = low > 0 if results["primary"]["higher_is_better"] else high < 0
    expected = "no clear difference" if low <= 0 <= high else "better" if favours else "worse"
    assert results["comparison"]["verdict"] == strongest["verdict"] == expected


def assert_alike(column: pd.Series, said: np.ndarray, name: str) -> None:
    """Numbers but for rounding; what is text, such as counts in a cell, letter by letter."""
    if said.dtype.kind not in "biuf":
        assert column.tolist() == said.tolist(), name
    else:
        assert np.asarray(column) == pytest.approx(said, rel=1e-4, abs=1e-8), name


def test_baselines_fitted_anew_say_what_the_file_says(trained: Workspace) -> None:
    rows = predictions(trained)
    fitted = independent.baselines(trained)
    columns = {slug(name): np.asarray(said) for name, said in fitted.items()}
    assert set(columns) == {row["column"] for row in read_results(trained)["baselines"]}
    for column, said in columns.items():
        assert_alike(rows[column], said, column)


def test_no_baseline_is_weaker_than_its_written_level(trained: Workspace) -> None:
    """A model looks good beside a baseline that somebody spoilt."""
    results = read_results(trained)
    found = {row["name"]: row["value"] for row in results["baselines"]}
    assert set(found) == set(independent.BASELINE_LEVEL)
    sign = 1 if results["primary"]["higher_is_better"] else -1
    for name, level in independent.BASELINE_LEVEL.items():
        assert sign * found[name] >= sign * level, f"{name}: {found[name]:.4f}, level {level}"


def test_the_saved_model_says_what_the_file_says(run: Workspace, sealed: pd.DataFrame) -> None:
    """A model that is older or newer than the predictions fails here."""
    if not run.models.exists():
        pytest.skip("the model is not here: run the step `train`")
    said = np.asarray(independent.saved_model(run))
    assert_alike(predictions(run)["model"], said, "model")


def test_no_row_is_lost_without_an_allowed_reason(run: Workspace, sealed: pd.DataFrame) -> None:
    entries, parts = read_results(run)["ledger"], holdout.read_manifest(run)["parts"]
    rows, unit = independent.raw_count(run), entries[0]["unit"] if entries else "rows"
    described = holdout.read_manifest(run)["ledger"]
    for entry in described:
        assert entry["rows_in"] == rows or entry["unit"] != unit, entry
        rows, unit = entry["rows_in"] - entry["dropped"], entry["unit"]
    assert rows == sum(part["rows"] for part in parts.values())
    scored = entries[len(described) :]
    assert len(predictions(run)) == len(sealed)
    if not scored:
        assert len(sealed) == parts["test"]["rows"]
    for entry in entries:
        if entry["dropped"]:
            assert entry["reason"] in independent.DROPS, f"no allowed reason: {entry}"
            assert independent.DROPS[entry["reason"]](run) == entry["dropped"], entry


def by_luck(rows: pd.DataFrame) -> tuple[float, float]:
    """Between what a headline lies when its truth is dealt anew, each stratum's by itself."""
    random = np.random.default_rng(0)
    strata = rows["stratum"] if "stratum" in rows else np.zeros(len(rows))
    draws = []
    for _ in range(300):
        truth = rows.truth.groupby(strata).transform(lambda part: random.permutation(part))
        draws.append(independent.metric(truth_of(rows.assign(truth=truth)), rows["model"]))
    return np.mean(draws) - FAR * np.std(draws), np.mean(draws) + FAR * np.std(draws)


def test_a_target_shuffled_before_the_data_are_read_leaves_chance(tmp_path: Path) -> None:
    """Whatever reaches the features, the score would show it: nothing here knows the target.

    Nor does the write-up of such a run praise anything that was not measured.
    """
    workspace = new_workspace(tmp_path / "shuffled")
    independent.shuffle_target(workspace.sample, np.random.default_rng(0))
    data.run(workspace, sample=True)
    run_from_training(workspace)
    rows = predictions(workspace)
    low, high = getattr(independent, "CHANCE", None) or by_luck(rows)
    assert low <= read_results(workspace)["primary"]["value"] <= high
    report.run(workspace)
    verdict = report.verdict(read_results(workspace))
    for name in report.WRITE_UPS:
        text = (workspace.root / name).read_text(encoding="utf-8")
        assert unfounded(text.replace(verdict, "")) == [], name


PRAISE = re.compile(r"\bbetter than|[(,] ?\**better\b(?! [-+]?\d)|\b(?:beats|outperforms) ")
ENDS = re.compile(r"\[([-+]?[\d.]+) ?%?, ([-+]?[\d.]+) ?%?\]")


def unfounded(text: str) -> list[str]:
    """Sentences and rows between markers that praise, without an interval that leaves zero out."""
    found = []
    for filled in report.MARKED.finditer(text):
        for sentence in re.split(r"\n|(?<=[.;]) ", filled[0]):
            praised = PRAISE.search(sentence) and "not better" not in sentence
            ends = [
                [float(end.replace("−", "-")) for end in pair] for pair in ENDS.findall(sentence)
            ]
            if praised and not any(low * high > 0 for low, high in ends):
                found.append(sentence)
    return found


def test_a_sentence_that_praises_needs_an_interval() -> None:
    page = "<!-- result:note-x -->\n{}\n<!-- /result:note-x -->"
    for honest in (
        "+0.1 [+0.1, +0.2] (better)",
        "not better than",
        "where higher is better",
        "Best",
        "| and -1.0, better -0.9 |",  # a word and its weight
    ):
        assert unfounded(page.format(honest)) == []
    for praise in ("+0.1 [-0.1, +0.2] (better)", "It beats the rule.", "It outperforms the rule."):
        assert unfounded(page.format(praise)) == [praise]
    assert unfounded("It beats the rule.") == [], "the author may say what they want"


@pytest.fixture
def busy_neighbour() -> Iterator[None]:
    """Another program that wants a core for itself."""
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        neighbour.kill()
        neighbour.wait()


def test_a_run_that_had_no_test_part_to_train_with_gives_the_same_bytes(
    trained: Workspace, tmp_path: Path, busy_neighbour: None
) -> None:
    """Neither it nor the raw data are there while `train` runs, and nothing depends on luck.

    Nor on what else the machine is doing.
    """
    again = new_workspace(tmp_path / "again")
    data.run(again, sample=True)
    test = again.processed / holdout.read_manifest(again)["parts"]["test"]["file"]
    hidden = {path: tmp_path / path.name for path in (test, again.sample)}
    for path, place in hidden.items():
        path.rename(place)
    command = [sys.executable, "-c", TRAIN, str(again.root), str(statistics.ROUNDS)]
    subprocess.run(command, check=True)  # another process has its objects at other addresses
    for path, place in hidden.items():
        place.rename(path)
    evaluate.run(again)
    for name in (METRICS, PREDICTIONS):
        ours, theirs = ((folder.reports / name).read_bytes() for folder in (trained, again))
        assert ours == theirs, name
    for path in provenance.model_files(trained):
        assert path.read_bytes() == (again.models / path.relative_to(trained.models)).read_bytes()


def number(cell: object) -> float:
    """The value that a cell of a table shows."""
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell).split(" [")[0].replace(",", "").strip("*")
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def shows(cell: object, value: float) -> bool:
    """Whether a cell with an interval has this value before it, rounded as they all are."""
    return str(cell).startswith(f"{statistics.decimal(value)} [")


def test_every_further_metric_follows_from_the_sealed_file(run: Workspace, sealed) -> None:
    """Model and baseline, each recomputed by a library from what the model says of each row."""
    if not run.models.exists():
        pytest.skip("the model is not here: run the step `train`")
    written = read_results(run)["metrics"]
    primary = read_results(run)["primary"]
    assert written[primary["name"]]["value"] == primary["value"]
    assert written[primary["name"]]["baseline"] == primary["baseline"]
    further = independent.metrics(run)
    assert set(further) == set(written) - {primary["name"]}
    for name, (model, baseline) in further.items():
        assert written[name]["value"] == pytest.approx(model, rel=1e-5, abs=1e-7), name
        if baseline is None:
            assert written[name]["baseline"] is None, name
        else:
            assert written[name]["baseline"] == pytest.approx(baseline, rel=1e-5, abs=1e-7), name


def test_the_tables_say_what_the_sealed_file_says(run: Workspace, sealed) -> None:
    """Row by row, by its first cells; None stands for what is not recomputed."""
    if not run.models.exists():
        pytest.skip("the model is not here: run the step `train`")
    written = read_results(run)["tables"]
    for name, expected in independent.tables(run).items():
        labels = [label if isinstance(label, tuple) else (label,) for label in expected]
        width = len(labels[0])
        rows = {tuple(map(str, row[:width])): row[width:] for row in written[name]["rows"]}
        assert len(rows) == len(written[name]["rows"])
        assert set(labels) <= set(rows), name
        for label, cells in zip(labels, expected.values(), strict=True):
            for place, (shown, cell) in enumerate(zip(rows[label], cells, strict=False)):
                where = f"{name}: {label}, {written[name]['columns'][place + width]}"
                if cell is not None and not shows(shown, cell):
                    assert number(shown) == pytest.approx(cell, abs=6e-4, rel=1e-4), where


def test_the_worst_errors_are_the_worst_and_none_is_left_out(run: Workspace, sealed) -> None:
    if not run.models.exists():
        pytest.skip("the model is not here: run the step `train`")
    kept = pd.read_csv(run.reports / "errors.csv", dtype=str)
    expected = independent.badness(run)
    expected.index = expected.index.astype(str)
    names = kept["list" if "list" in kept else "id"]
    assert names.is_unique
    found = expected[names].to_numpy()
    worst = expected.sort_values(ascending=False).head(len(names)).to_numpy()
    assert len(names) == min(20, len(expected))
    assert np.sort(found)[::-1] == pytest.approx(worst, rel=1e-6, abs=1e-6)


def test_the_notes_tell_the_numbers_of_the_sealed_file(run: Workspace, sealed) -> None:
    if not run.models.exists():
        pytest.skip("the model is not here: run the step `train`")
    written = read_results(run)["notes"]
    for name, told in independent.notes(run).items():
        for words in told:
            assert words in written[name], name


def test_what_is_sealed_is_what_the_raw_data_say_row_by_row(prepared: Workspace) -> None:
    """No feature knows of the other rows, no truth was touched, nobody is missing or twice."""
    sealed, raw = independent.sealed_table(prepared), independent.raw_table(prepared)
    assert list(sealed) == list(raw)
    key = next(iter(sealed))
    sealed, raw = (
        table.sort_values(key, ignore_index=True).astype({key: str}) for table in (sealed, raw)
    )
    assert list(sealed[key]) == list(raw[key])
    pd.testing.assert_frame_equal(sealed, raw, check_dtype=False, rtol=1e-9)


def test_intervals_are_drawn_by_whole_groups_with_the_runs_seed(
    trained: Workspace, drawn: list[Drawn]
) -> None:
    """Every one of the evaluation: no finer than the unit of the headline.

    Where each row is a larger unit by itself, `units` of independent.py says how many there are;
    where rows are other things than those of the headline, `other_groups` names their groups.
    """
    rows = predictions(trained)
    alone = getattr(independent, "units", lambda _: set())(trained)
    others = getattr(independent, "other_groups", lambda _: set())(trained)
    assert len(drawn) > 2
    assert {each.seed for each in drawn} == {trained.seed}
    if rows.group.is_unique:
        return
    for each in drawn:
        if each.groups is None:
            assert each.rows in alone, f"{each.rows} rows are drawn one by one"
        elif each.rows == len(rows) and not set(each.groups) <= others:
            pairs = pd.DataFrame({"unit": list(rows.group), "drawn": each.groups})
            assert pairs.drawn.nunique() <= rows.group.nunique()


def test_every_part_is_as_large_as_it_was_meant_to_be(prepared: Workspace) -> None:
    parts = holdout.read_manifest(prepared)["parts"]
    rows = {name: part["rows"] for name, part in parts.items() if name in independent.SHARES}
    assert set(rows) == set(independent.SHARES)
    for name, share in independent.SHARES.items():
        assert rows[name] / sum(rows.values()) == pytest.approx(share, abs=0.04), name


def test_another_seed_draws_other_rows(prepared: Workspace, tmp_path: Path) -> None:
    """For each part that is drawn; what a publisher or the calendar splits stays."""
    other = new_workspace(tmp_path / "other")
    path = other.root / "config.toml"
    text = path.read_text(encoding="utf-8")
    line = f"seed = {prepared.seed}\n"
    assert text.count(line) == 1
    path.write_text(text.replace(line, f"seed = {prepared.seed + 1}\n"), encoding="utf-8")
    data.run(other, sample=True)
    ours, theirs = (holdout.read_manifest(each)["parts"] for each in (prepared, other))
    assert set(ours) == set(theirs)
    for name in ours:
        same = ours[name]["sha256"] == theirs[name]["sha256"]
        assert same == (name not in independent.DRAWN), name


def in_the_results(workspace: Workspace) -> None:
    results = read_results(workspace)
    results["primary"]["value"] += 0.01
    write_json(workspace.reports / METRICS, results)


def in_the_results_with_their_digest(workspace: Workspace) -> None:
    results = read_results(workspace)
    results["baselines"][0]["value"] += 0.01
    plain = {key: value for key, value in results.items() if key != "digests"}
    results["digests"]["results"] = provenance.hash_value(plain)
    write_json(workspace.reports / METRICS, results)


def in_the_predictions(workspace: Workspace) -> None:
    path = workspace.reports / PREDICTIONS
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))


def in_the_access_log(workspace: Workspace) -> None:
    workspace.access_log.write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    "edit",
    [in_the_results, in_the_results_with_their_digest, in_the_predictions, in_the_access_log],
)
def test_an_edit_is_noticed(copy: Workspace, edit: Callable[[Workspace], None]) -> None:
    require_unedited(copy)
    edit(copy)
    with pytest.raises(ProjectError):
        require_unedited(copy)


def other_settings(workspace: Workspace) -> None:
    path = workspace.root / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[more]\nadded = 1\n", encoding="utf-8")


def other_data(workspace: Workspace) -> None:
    path = workspace.manifest
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def another_model(workspace: Workspace) -> None:
    with provenance.model_files(workspace)[0].open("ab") as file:
        file.write(b"\0")


def another_threshold(workspace: Workspace) -> None:
    path = workspace.models / provenance.TRAINING
    training = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {**training, "added": 1})


def test_a_model_of_other_code_is_not_evaluated(copy: Workspace, monkeypatch, tmp_path) -> None:
    package = tmp_path / "code" / provenance.PACKAGE.name
    shutil.copytree(provenance.PACKAGE, package)
    with (package / "data.py").open("a", encoding="utf-8") as module:
        module.write("# changed\n")
    monkeypatch.setattr(provenance, "PACKAGE", package)
    with pytest.raises(ProjectError, match="trained with other code"):
        evaluate.run(copy)


@pytest.mark.parametrize("change", [other_settings, other_data, another_model, another_threshold])
def test_a_model_of_other_settings_is_not_evaluated(
    copy: Workspace, change: Callable[[Workspace], None]
) -> None:
    change(copy)
    with pytest.raises(ProjectError, match="the model was trained with other"):
        evaluate.run(copy)
    assert holdout.read_access(copy)["count"] == 1, "the test set was read all the same"
