"""What is watched of the service: where the lander is; a return is known only when it is down."""

from collections.abc import Sequence

from .kit.served import Watch

WATCH = Watch()


def summarise(observation: Sequence[float]) -> dict[str, float]:
    """Height, speed and tilt of one observation, in the environment's units."""
    _, height, across, upwards, angle, *_ = observation
    speed = (across * across + upwards * upwards) ** 0.5
    return {"height": height, "speed": speed, "tilt": abs(angle)}
