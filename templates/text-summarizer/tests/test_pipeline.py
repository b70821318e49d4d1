import csv

import pandas as pd
import pytest

from project_package import data, rouge
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace


def test_the_headline_is_the_rankers_row_as_served(trained: Workspace) -> None:
    results = read_results(trained)
    rows = {row[0]: row for row in results["tables"]["methods"]["rows"]}
    assert rows["**the ranker**"][2] == pytest.approx(results["primary"]["value"])
    for baseline in results["baselines"]:
        assert rows[baseline["name"]][2] == pytest.approx(baseline["value"])
    kinds = [results["metrics"][kind]["value"] for kind in rouge.KINDS]
    assert sum(kinds) / 3 == pytest.approx(results["primary"]["value"])


def test_the_oracle_is_above_and_chance_below(trained: Workspace) -> None:
    rows = {row[0]: row for row in read_results(trained)["tables"]["methods"]["rows"]}
    assert rows["sentences at random"][2] < rows["**the ranker**"][2]
    assert rows["**the ranker**"][2] < rows["oracle: ranked by the answer"][2]
    assert {"TextRank", "LexRank", "centroid", "Lead"} <= set(rows)


def test_the_sample_is_hard_enough_that_a_leak_would_show(trained: Workspace) -> None:
    rows = {row[0]: row for row in read_results(trained)["tables"]["methods"]["rows"]}
    assert rows["**the ranker**"][2] < 0.9 * rows["oracle: ranked by the answer"][2] < 0.45


def test_twenty_worst_errors_are_kept_without_a_word_of_their_texts(trained: Workspace) -> None:
    with (trained.reports / "errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert list(rows[0]) == ["id", "publisher", "gain", "took", "best", "of", "kind", "link"]
    written = [
        (trained.root / name).read_text(encoding="utf-8")
        for name in ("reports/errors.csv", "reports/metrics.json", "README.md", "REPORT.md")
    ]
    for part in data.PARTS:
        path = trained.processed / f"{part}.jsonl"  # past the log: a test is no part of a run
        for article in pd.read_json(path, lines=True, dtype=False).itertuples():
            for sentence in (article.reference, *article.source):
                assert not any(sentence in text for text in written)
