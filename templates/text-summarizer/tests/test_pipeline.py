import csv

from project_package import data
from project_package.results import read_results
from project_package.workspace import Workspace


def test_the_ranker_beats_lead_on_the_sample(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "rouge1_gain_over_lead"
    assert results["primary"]["value"] > 0
    assert results["comparison"]["ci"][0] > 0


def test_the_gain_is_the_difference_of_the_rows_it_stands_for(trained: Workspace) -> None:
    results = read_results(trained)
    rouge1 = results["metrics"]["rouge1"]
    assert abs(results["primary"]["value"] - (rouge1["value"] - rouge1["baseline"])) < 1e-9


def test_the_oracle_is_above_and_chance_below(trained: Workspace) -> None:
    rows = {row[0]: row for row in read_results(trained)["tables"]["methods"]["rows"]}
    assert rows["sentences at random"][2] < rows["**the ranker**"][2]
    assert rows["**the ranker**"][2] <= rows["oracle: ranked by the answer"][2]
    assert {"TextRank", "LexRank", "centroid", "Lead-30"} <= set(rows)
    cut = [row[1] for name, row in rows.items() if not name.startswith("·")]
    assert cut == ["30"] * len(cut)


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
        for article in data.load(trained, part, reader="evaluate").itertuples():
            for sentence in (article.reference, *article.source):
                assert not any(sentence in text for text in written)
