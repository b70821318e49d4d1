from project_package.data import KINDS
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json


def test_every_kind_is_measured_taught_and_not_taught(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "transfer_r"
    for table in ("carry", "differences"):
        assert len(results["tables"][table]["rows"]) == len(KINDS)
    for row in results["tables"]["carry"]["rows"]:
        vader, *_, ceiling = row[1:6]
        assert vader < ceiling <= 1


def test_what_the_note_says_of_a_kind_is_what_its_interval_says(trained: Workspace) -> None:
    results = read_results(trained)
    for name, first, *_ in results["tables"]["differences"]["rows"]:
        difference, verdict = first.split(": ")
        said = next(
            part
            for part in results["notes"]["carry"].split("; ")
            if f"{name} ({difference})" in part
        )
        assert f"{verdict} on " in said


def test_the_candidate_with_the_best_mean_is_the_one_that_is_used(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    means = {name: row["mean"] for name, row in training["candidates"].items()}
    assert means[training["chosen"]] == max(means.values())
    for kind, chosen in training["carrying"].items():
        column = {name: row[kind] for name, row in training["elsewhere"].items()}
        carrying = [name for name in column if name.startswith("ridge on both")]
        assert column[chosen] == max(column[name] for name in carrying), kind


def test_the_strongest_simple_method_comes_first(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")

    def strength(name: str) -> float:
        tuned = training["simple"][name]
        return sum(training["elsewhere"][tuned[kind]][kind] for kind in KINDS)

    names = [row["name"] for row in read_results(trained)["baselines"]]
    assert names == sorted(names, key=strength, reverse=True)


def test_twenty_worst_errors_are_kept_with_their_words(trained: Workspace) -> None:
    text = (trained.reports / "errors.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "id,kind,people,model,vader,gap,words,text"
    assert len(read_results(trained)["tables"]["errors"]["rows"]) == 20
