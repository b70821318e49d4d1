"""What is watched of the service: how far each game has come; a truth is only kept."""

from collections.abc import Sequence

from .kit.served import Watch

WATCH = Watch()


def summarise(moves: Sequence[int]) -> dict[str, float]:
    """Moves made so far."""
    return {"moves": len(moves)}
