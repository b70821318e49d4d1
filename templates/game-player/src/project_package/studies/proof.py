"""Can tic-tac-toe be lost? Every line of play."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import data, judge
from ..engine.rules import DRAW, RESULT, RUNNING, TO_MOVE, State, initial, play
from ..evaluate import Findings, load_runs
from ..games import GAMES, Game
from ..kit.results import Study, Table
from ..kit.workspace import Workspace
from ..players import legal


def study(workspace: Workspace, evaluated: Findings) -> Study:
    """Each run against everything that the other side can do, and in every position there is."""
    game, proof = GAMES["tic_tac_toe"], []
    if game.name in workspace.config["games"]:
        seen = [data.load(workspace, part, reader="evaluate") for part in ("train", "validation")]
        positions = data.of_game([*seen[0], *seen[1], *evaluated.test], game)
        proof = prove_tic_tac_toe(workspace, positions)
    return Study(
        title="Tic-tac-toe, every line of play",
        text="Each run was played against every line that the other side can choose, from both "
        "seats, and asked for its move in every position that there is: no sample of either.",
        tables={"proof": proof_table(proof)},
        notes={"proof": proof_note(proof)},
    )


def prove_tic_tac_toe(
    workspace: Workspace, positions: Sequence[data.Position]
) -> list[dict[str, Any]]:
    """For each run: how every line of play ends from both seats, and its mistakes in all states."""
    game = GAMES["tic_tac_toe"]
    proofs = []
    for player in load_runs(workspace, game):
        judged = judge.judge_learned(player, positions)
        ends = [
            prove(game, lambda state, p=player: p.rate(game, state).choice, seat) for seat in (0, 1)
        ]
        proofs.append(
            {
                "player": player.name,
                "first": ends[0],
                "second": ends[1],
                "mistakes": int(judged.mistake.sum()),
                "states": len(judged),
            }
        )
    return proofs


def prove(game: Game, choose: Callable[[State], int], seat: int) -> dict[str, int]:
    """Play every line the other side can choose, exhaustively; count how the games end.

    For small games: tic-tac-toe has a few hundred lines against one fixed player.
    """
    ends = {"won": 0, "drawn": 0, "lost": 0}

    def follow(state: State) -> None:
        if state[RESULT] != RUNNING:
            result = state[RESULT]
            ends["won" if result == seat else "drawn" if result == DRAW else "lost"] += 1
            return
        mine = state[TO_MOVE] == seat
        for move in [choose(state)] if mine else legal(game, state):
            after = state.copy()
            play(game.number, after, move)
            follow(after)

    follow(initial())
    return ends


def proof_table(proof: Sequence[Mapping[str, Any]]) -> Table:
    """Tic-tac-toe, every line of play."""
    rows = [
        [
            row["player"],
            *(" / ".join(map(str, row[seat].values())) for seat in ("first", "second")),
            f"{row['mistakes']} of {row['states']:,}",
        ]
        for row in proof
    ]
    return Table(
        "Tic-tac-toe: how all lines of play end that the other side can choose.",
        ["run", "as first: won / drawn / lost", "as second: won / drawn / lost", "value mistakes"],
        rows,
    )


def proof_note(proof: Sequence[Mapping[str, Any]]) -> str:
    """Whether tic-tac-toe is proven."""
    if not proof:
        return "Tic-tac-toe was not trained in this run."
    lost = sum(row[seat]["lost"] for row in proof for seat in ("first", "second"))
    lines = sum(sum(row[seat].values()) for row in proof for seat in ("first", "second"))
    mistakes = ", ".join(str(row["mistakes"]) for row in proof)
    return (
        f"Tic-tac-toe, checked against every line of play from both seats: {lost} losses in "
        f"{lines:,} lines over {len(proof)} runs; value mistakes in {mistakes} of "
        f"{proof[0]['states']:,} states."
    )
