"""A noisy room as traffic: from some recording on, a fan runs beside the speakers."""

import numpy as np
from numpy.typing import NDArray

from . import data, model
from .data import Recordings, as_rows
from .kit.replay import Stream, invented_days
from .kit.served import Seen
from .kit.workspace import Workspace
from .predict import NONE
from .train import say_without, short_training
from .watch import summarise

RECORDINGS, A_DAY = 1_200, 50  # drawn from those of the training set
NOISE = 3.0  # decibels by which speech is louder than the fan


def replay(workspace: Workspace) -> Stream:
    """Training takes, each by a short trained network that has not heard its speaker.

    Reference are as many recordings without the fan.
    """
    random = np.random.default_rng(workspace.seed)
    train = data.load(workspace, "train", reader="simulate")
    networks, seen = short_training(workspace, train)
    quiet = say_without(train, seen, networks)
    sounds = as_rows([beside_fan(sound, NOISE, random) for sound in train.sounds])
    noisy = say_without(train, model.see(sounds, workspace.config["sound"]), networks)
    fan = Recordings(sounds, train.digits, train.speakers, train.ids)
    begins = RECORDINGS // 2
    first, later = random.integers(len(train), size=(2, RECORDINGS))
    before, after = later[:begins], later[begins:]
    return Stream(
        title=f"Digits as they were recorded; then beside a fan, {NOISE:g} decibels below the "
        f"voice (in days that are invented, {A_DAY} recordings each)",
        past=seen_of(train, quiet, first),
        past_truths=train.digits[first].tolist(),
        later=[*seen_of(train, quiet, before), *seen_of(fan, noisy, after)],
        later_truths=train.digits[later].tolist(),
        times=invented_days(RECORDINGS, A_DAY),
        begins=begins,
    )


def seen_of(recordings: Recordings, chances: NDArray, rows: NDArray) -> list[Seen]:
    """What the service would have logged."""
    return [
        Seen(
            float(chances[row, :NONE].max()),
            summarise(recordings.sounds[row]),
            said=float(chances[row, :NONE].argmax()),
        )
        for row in rows
    ]


def beside_fan(
    sound: NDArray[np.int16], decibels: float, random: np.random.Generator
) -> NDArray[np.int16]:
    """A recording with low noise under it, so many decibels below its own mean power."""
    rumble = np.cumsum(random.normal(0, 1, len(sound)))
    rumble -= np.convolve(rumble, np.ones(80) / 80, mode="same")
    power = np.mean(sound.astype(float) ** 2) / max(float(np.mean(rumble**2)), 1e-9)
    noise = rumble * np.sqrt(power * 10 ** (-decibels / 10))
    limits = np.iinfo(np.int16)
    return np.clip(sound + noise, limits.min, limits.max).astype(np.int16)
