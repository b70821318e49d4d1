import json

import pandas as pd
import pytest

from project_package.evidence import PERSONAL
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace
from project_package.model import MODEL, NEIGHBOURS, POPULAR, RECENT


def test_all_recommenders_stand_side_by_side_under_both_protocols(trained: Workspace) -> None:
    table = read_results(trained)["tables"]["protocols"]
    assert table["columns"][1:] == ["in time", "random 20 %"]
    names = {row[0].strip("*") for row in table["rows"]}
    assert names == {POPULAR, RECENT, NEIGHBOURS, PERSONAL, MODEL}


def test_the_headline_is_the_models_row_in_time(trained: Workspace) -> None:
    results = read_results(trained)
    rows = {row[0].strip("*"): row[1] for row in results["tables"]["protocols"]["rows"]}
    assert rows[MODEL].startswith(f"{results['primary']['value']:.3f} ")
    for baseline in results["baselines"]:
        assert rows[baseline["name"]].startswith(f"{baseline['value']:.3f} ")


def test_the_origins_average_to_the_headline(trained: Workspace) -> None:
    results = read_results(trained)
    rows = pd.DataFrame(
        results["tables"]["origins"]["rows"], columns=results["tables"]["origins"]["columns"]
    )
    mean = (rows[MODEL] * rows.people).sum() / rows.people.sum()
    assert mean == pytest.approx(results["primary"]["value"])


def test_the_worst_errors_name_no_film_that_anybody_chose(trained: Workspace) -> None:
    errors = pd.read_csv(trained.reports / "errors.csv")
    assert list(errors.columns) == [
        "list", "known", "chosen", "best_rank", "fame_of_known", "fame_of_chosen", "recommended",
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
