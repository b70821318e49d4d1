"""A lamp that was moved, as traffic: from some attempt on, faces are lit from the side."""

import numpy as np
from numpy.typing import NDArray

from . import data, model
from .data import Faces
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .train import Held, by_fold, out_of_fold
from .watch import summarise

ATTEMPTS, A_DAY = 1_200, 50  # pictures that claim to be somebody
LIGHT = 60.0  # grey levels from one edge to the other, once the lamp stands at the side
JUDGED = Watch(truth=bool, metric="accuracy", label="share of answers that were right")
ENROLLED = 3  # pictures of whom somebody claims to be


def replay(workspace: Workspace) -> Stream:
    """Pictures of the training set, each by an encoder and a threshold without their people.

    Half of those who claim to be somebody are. Reference are as many attempts in the old light.
    """
    config, random = workspace.config, np.random.default_rng(workspace.seed)
    train = data.load(workspace, "train", reader="simulate")
    held = by_fold(train, model.build(config), workspace)
    said = out_of_fold(train, held)
    rate = config["service"]["false_accepts"]
    threshold = model.threshold_at(said.truth.to_numpy() == 1, said.model.to_numpy(), rate)
    far = np.concatenate([encoder.distance(train.pixels[rows]) for rows, encoder in held])
    limits = threshold, float(np.quantile(far, config["service"]["usual"]))
    begins = ATTEMPTS // 2
    past, past_truths = attempts(train, held, limits, np.zeros(ATTEMPTS), random)
    lit = np.where(np.arange(ATTEMPTS) < begins, 0.0, LIGHT)
    later, truths = attempts(train, held, limits, lit, random)
    return Stream(
        title=f"Faces as they are; then lit from the side, {LIGHT:g} grey levels from edge to edge "
        f"(in days that are invented, {A_DAY} attempts each)",
        past=past,
        past_truths=past_truths,
        later=later,
        later_truths=truths,
        times=invented_days(ATTEMPTS, A_DAY),
        begins=begins,
        watch=JUDGED,
    )


def attempts(
    train: Faces,
    held: list[Held],
    limits: tuple[float, float],
    lit: NDArray,
    random: np.random.Generator,
) -> tuple[list[Seen], list[bool]]:
    """What the service would have logged, and whether each was who they claimed to be."""
    threshold, usual = limits
    known = [encoder.embed(train.pixels[rows]) for rows, encoder in held]
    shown = {light: look(train, held, light) for light in np.unique(lit)}
    seen, truths = [], []
    for light in lit:
        fold = int(random.integers(len(held)))
        rows = held[fold][0]
        people, place = train.people[rows], int(random.integers(len(rows)))
        honest = bool(random.random() < 1 / 2)
        mine = people == people[place]
        claimed = mine if honest else people == random.choice(people[~mine])
        others = np.flatnonzero(claimed & (np.arange(len(rows)) != place))
        enrolled = known[fold][random.permutation(others)[:ENROLLED]]
        pixels, vector, distance = (each[place] for each in shown[light][fold])
        likeness = float(np.mean(enrolled @ vector))
        accepted = likeness > threshold and distance <= usual
        seen.append(Seen(float(distance), summarise(pixels), said=float(accepted)))
        truths.append(honest)
    return seen, truths


def look(
    train: Faces, held: list[Held], light: float
) -> list[tuple[NDArray[np.uint8], model.Array, model.Array]]:
    """By fold, its pictures in that light, their descriptors, and how unusual each is."""
    found = []
    for rows, encoder in held:
        pixels = np.stack([lit_from_side(each, light) for each in train.pixels[rows]])
        found.append((pixels, encoder.embed(pixels), encoder.distance(pixels)))
    return found


def lit_from_side(pixels: NDArray[np.uint8], light: float) -> NDArray[np.uint8]:
    """The left edge as it was or darker, the right one lighter, by `light` grey levels in all."""
    ramp = np.linspace(-light / 2, light / 2, pixels.shape[1])
    return np.clip(pixels + ramp, 0, np.iinfo(np.uint8).max).astype(np.uint8)
