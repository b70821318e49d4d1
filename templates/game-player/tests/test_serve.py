import pytest
from fastapi.testclient import TestClient

from project_package.engine.rules import LONGEST_GAME
from project_package.kit.provenance import TRAINING
from project_package.kit.served import SCORES, SUMMARIES, Served
from project_package.kit.workspace import Workspace, read_json


def test_a_position_gets_a_value_for_each_move_and_a_choice(client: TestClient) -> None:
    opinion = client.post("/predict", json={"game": "connect_four", "moves": [3, 3]}).json()
    assert [rated["move"] for rated in opinion["moves"]] == list(range(7))
    assert opinion["choice"] in range(7)
    assert opinion["cells"][3] == 1
    assert opinion["cells"][10] == 2
    assert opinion["to_move"] == 0


@pytest.mark.parametrize("strength", ["gentle", "quick", "thoughtful", "strong"])
@pytest.mark.parametrize(("game", "moves"), [("connect_four", 7), ("tic_tac_toe", 9), ("go", 26)])
def test_every_game_is_played_at_every_strength(client, game, moves, strength) -> None:
    body = {"game": game, "moves": [], "strength": strength}
    opinion = client.post("/predict", json=body).json()
    assert len(opinion["moves"]) == moves


def test_every_strength_logs_its_move_on_one_scale(client: TestClient, trained: Workspace) -> None:
    moves = [3, 3, 2]
    body = {"game": "connect_four", "moves": moves}
    quick = client.post("/predict", json=body).json()
    strong = client.post("/predict", json=body | {"strength": "strong"}).json()
    *_, last = Served.of(trained).predictions.read()
    (value,) = (each["value"] for each in quick["moves"] if each["move"] == strong["choice"])
    assert last["score"] == pytest.approx(value)
    assert last["summaries"] == {"moves": len(moves)}


def test_what_the_service_logs_in_a_whole_game_has_its_like_in_the_reference(
    trained: Workspace,
) -> None:
    reference = read_json(trained.models / TRAINING, made_by="train")
    plies = reference[SUMMARIES]["moves"]
    assert len(plies) == len(reference[SCORES])
    assert {0, 1} <= set(plies)


def test_a_finished_game_has_a_winner_and_no_move(client: TestClient) -> None:
    body = {"game": "connect_four", "moves": [3, 0, 3, 0, 3, 0, 3]}
    opinion = client.post("/predict", json=body).json()
    assert opinion["finished"] is True
    assert opinion["winner"] == 0
    assert opinion["choice"] is None


def test_the_page_learns_what_can_be_played(client: TestClient) -> None:
    choices = client.get("/games").json()
    assert [game["name"] for game in choices["games"]] == ["connect_four", "tic_tac_toe", "go"]
    assert len(choices["strengths"]) == 4


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"moves": []}, "game"),
        ({"game": "chess", "moves": []}, "chess"),
        ({"game": "connect_four", "moves": [7]}, "move 1"),
        ({"game": "connect_four", "moves": [3] * 7}, "move 7"),
        ({"game": "tic_tac_toe", "moves": [4, 4]}, "move 2"),
        ({"game": "tic_tac_toe", "moves": [0, 3, 1, 4, 2, 5]}, "over after move 5"),
        ({"game": "go", "moves": [-1]}, "moves"),
        ({"game": "go", "moves": ["a"]}, "moves"),
        ({"game": "go", "moves": [25] * (LONGEST_GAME + 1)}, "moves"),
        ({"game": "go", "moves": [], "strength": "divine"}, "divine"),
        ({"game": "go", "moves": [], "cheat": True}, "cheat"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]
