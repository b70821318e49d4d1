import csv

import numpy as np
import pandas as pd
import pytest

from project_package.baselines import COPY, MEMORY, WORDS
from project_package.evaluate import corpus_bleu
from project_package.kit.results import read_results
from project_package.kit.statistics import bootstrap
from project_package.kit.workspace import Workspace
from project_package.scores import bleu_counts


def test_the_headline_is_measured_beside_every_simple_method(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "bleu"
    assert results["primary"]["measured_on"] == "captions of the test set of 2016"
    roles = {row["name"]: row["role"] for row in results["baselines"]}
    assert roles == {WORDS: "strongest simple", MEMORY: "simple", COPY: "naive"}


def test_the_headline_is_the_transformers_row_of_2016(trained: Workspace) -> None:
    results = read_results(trained)
    rows = {tuple(row[:2]): row for row in results["tables"]["methods"]["rows"]}
    assert rows["2016", "transformer"][3].startswith(f"{results['primary']['value']:.1f} [")
    for baseline in results["baselines"]:
        value = float(rows["2016", baseline["name"]][3].split(" [")[0])
        assert value == pytest.approx(baseline["value"], abs=0.06)
    assert {row[0] for row in rows} == {"2016", "2017", "COCO"}


def test_intervals_are_those_of_drawn_sentences(trained: Workspace) -> None:
    said = pd.read_csv(trained.reports / "private" / "predictions.csv", dtype=str)
    test = pd.read_json(trained.processed / "test.jsonl", lines=True, dtype=False)
    rows = (test["set"] == "2017").to_numpy()
    counts = bleu_counts(said.transformer[rows], test.german[rows])
    found = bootstrap(corpus_bleu, counts, groups=test.group[rows], seed=trained.seed)
    written = read_results(trained)["metrics"]["bleu_2017"]
    assert [written["value"], *written["ci"]] == pytest.approx([found.value, found.low, found.high])


def test_counts_of_sentences_are_kept_and_no_sentence(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "predictions.csv", dtype=str)
    assert (rows.id.str.startswith("2016/")).all()
    for column in ("model", "translation_memory", "word_by_word", "the_english_itself"):
        counts = np.array([cell.split() for cell in rows[column]], dtype=int)
        assert counts.shape == (len(rows), 6)
        assert (counts[:, 2] <= counts[:, :2].min(axis=1)).all()
        assert (np.diff(counts[:, 2:], axis=1) <= 0).all()


def test_no_sentence_of_the_data_is_in_what_is_committed(trained: Workspace) -> None:
    names = ("errors.csv", "predictions.csv", "metrics.json")
    paths = [trained.reports / name for name in names]
    paths += [trained.root / "README.md", trained.root / "REPORT.md", trained.manifest]
    written = [path.read_text(encoding="utf-8") for path in paths]
    for part in ("train", "validation", "test"):
        path = trained.processed / f"{part}.jsonl"  # past the log: a test is no part of a run
        for pair in pd.read_json(path, lines=True, dtype=False).itertuples():
            for sentence in (pair.english, pair.german):
                assert not any(sentence in text for text in written), sentence


def test_twenty_worst_sentences_are_kept_worst_first(trained: Workspace) -> None:
    with (trained.reports / "errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    values = [float(row["chrf"]) for row in rows]
    assert values == sorted(values)
    assert list(rows[0]) == ["id", "chrf", "words", "probability", "words_known", "length"]


def test_every_study_has_its_place_in_the_report(trained: Workspace) -> None:
    text = (trained.root / "REPORT.md").read_text(encoding="utf-8")
    for title in (
        "Every method on every test set",
        "Where it looks",
        "What does the search gain?",
        "Negation, number and gender",
        "Rare words, names and numbers",
        "luck",
    ):
        assert title in text


def test_words_to_be_found_are_counted_by_how_often_training_has_them(trained: Workspace) -> None:
    rows = {row[0]: row for row in read_results(trained)["tables"]["words"]["rows"]}
    assert "125 times and more" in rows
    assert "to be copied" in rows
    assert rows["125 times and more"][1] > rows["to be copied"][1] > 0


def test_a_wider_beam_is_tried_on_the_validation_set(trained: Workspace) -> None:
    rows = {row[0]: row for row in read_results(trained)["tables"]["beams"]["rows"]}
    beam = trained.config["search"]["beam"]
    assert set(rows) == {f"**{beam}**", *map(str, trained.config["evaluate"]["beams"])}
    assert rows[f"**{beam}**"][3] >= rows["1"][3], "a search finds what is likelier"


def test_the_write_up_says_that_the_data_are_a_sample(trained: Workspace) -> None:
    assert read_results(trained)["data"]["sample"]
    assert "sample" in (trained.root / "README.md").read_text(encoding="utf-8")
    text = (trained.root / "README.md").read_text(encoding="utf-8")
    assert text.index("What it cannot do comes first") < text.index("## Result")
