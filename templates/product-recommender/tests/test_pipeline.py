import json

import pandas as pd

from project_package import timeline
from project_package.results import read_results
from project_package.workspace import Workspace


def test_the_model_beats_popularity_on_the_sample(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["value"] > results["primary"]["baseline"]
    assert results["comparison"]["ci"][0] > 0


def test_all_recommenders_stand_side_by_side_under_all_protocols(trained: Workspace) -> None:
    table = read_results(trained)["tables"]["protocols"]
    assert table["columns"][1:] == ["random 20 %", "last film", "rolling origin"]
    names = {row[0].strip("*") for row in table["rows"]}
    assert names >= {"random order", "popularity", timeline.RECENT, "item kNN", "EASE", "iALS"}


def test_the_finding_on_recency_is_the_one_in_the_table(trained: Workspace) -> None:
    results = read_results(trained)
    rolling = {row[0].strip("*"): row[3] for row in results["tables"]["protocols"]["rows"]}
    assert f"NDCG@10 {rolling[timeline.RECENT].split()[0]};" in results["notes"]["recency"]


def test_the_worst_errors_name_no_film_that_anybody_chose(trained: Workspace) -> None:
    errors = pd.read_csv(trained.reports / "errors.csv")
    assert list(errors.columns) == [
        "user", "known", "held_out", "best_rank", "fame_of_known", "fame_of_held_out",
        "recommended",
    ]  # fmt: skip
    assert 0 < len(errors) <= 20
    assert (errors.best_rank > 10).all()


def test_what_is_committed_holds_no_row_of_the_data(trained: Workspace) -> None:
    """The terms of the real data forbid handing them on."""
    committed = [trained.manifest, *trained.reports.glob("*.*")]
    ratings = pd.read_csv(trained.processed / "train.csv").head(50)
    for path in committed:
        text = path.read_text(encoding="utf-8")
        for row in ratings.itertuples():
            assert f"{row.user},{row.film},{row.rating},{row.timestamp}" not in text, path.name
            assert str(row.timestamp) not in text, path.name
    assert json.loads(trained.manifest.read_text(encoding="utf-8"))["sample"] is True
