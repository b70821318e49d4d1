import pytest

from project_package import evaluate, train
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json


def test_the_headline_is_measured_beside_alpha_beta(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["name"] == "score_vs_mcts_100"
    names = [row["name"] for row in results["baselines"]]
    assert names == ["alpha-beta of depth 4", "one-ply"]
    assert results["metrics"]["score_vs_random"]["value"] > 0.5
    assert "MCTS-200" in results["notes"]["yardstick"]


def test_learning_lowers_the_mistakes(trained: Workspace) -> None:
    rows = read_json(trained.models / "training.json", made_by="train")["runs"]
    for row in rows:
        if row["game"] == "tic_tac_toe" and row["curve"]:
            assert row["curve"][-1][1] < row["curve"][0][1]


@pytest.mark.parametrize("game", ["tic_tac_toe", "go"])
def test_another_game_is_one_line_in_the_configuration(copy: Workspace, game: str) -> None:
    path = copy.root / "config.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = [f'games = ["{game}"]' if line.startswith("games = [") else line for line in lines]
    assert sum(old != new for old, new in zip(lines, changed, strict=True)) == 1
    text = (
        "\n".join(changed)
        .replace("effort = 0.02", "effort = 0.01")
        .replace("pairs = 6", "pairs = 2")
    )
    path.write_text(text, encoding="utf-8")
    train.run(copy)
    evaluate.run(copy)
    results = read_results(copy)
    assert results["metrics"]["score_vs_random"]["value"] >= 0.5
    assert ("decisive_mistakes" in results["metrics"]) is (game == "tic_tac_toe")
