import pytest

from project_package.data import KINDS
from project_package.results import read_results
from project_package.workspace import Workspace, read_json


def test_the_model_beats_vader_on_the_sample(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "pearson_r_movies"
    assert results["primary"]["value"] > results["primary"]["baseline"]
    assert results["comparison"]["ci"][0] > 0


def test_every_kind_is_measured_by_what_was_learned_elsewhere(trained: Workspace) -> None:
    tables = read_results(trained)["tables"]
    assert len(tables["carry"]["rows"]) == len(tables["five-fold"]["rows"]) == len(KINDS)
    for row in tables["carry"]["rows"]:
        vader, *_, ceiling = row[1:6]
        assert vader < ceiling <= 1


def test_the_candidate_with_the_best_mean_is_the_one_that_is_used(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    means = {name: row["mean"] for name, row in training["candidates"].items()}
    assert means[training["chosen"]] == max(means.values())


def test_five_folds_and_the_test_part_tell_the_same_story(trained: Workspace) -> None:
    """Were they far apart, one of the two would have leaked."""
    results = read_results(trained)
    by_kind = {row[0]: row for row in results["tables"]["five-fold"]["rows"]}
    five_fold = by_kind["film reviews"][3]
    assert five_fold == pytest.approx(results["primary"]["value"], abs=0.2)


def test_twenty_worst_errors_are_kept_with_their_words(trained: Workspace) -> None:
    text = (trained.reports / "errors.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "id,kind,people,model,vader,gap,words,text"
    assert len(read_results(trained)["tables"]["errors"]["rows"]) == 20
