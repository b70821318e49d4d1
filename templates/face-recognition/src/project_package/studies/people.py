"""Whom does it fail? By person, by glasses, by how a head is turned, as far as anybody can tell."""

import numpy as np
from numpy.typing import NDArray

from .. import model
from ..evaluate import Evaluated
from ..kit.results import EACH_ALONE, Study, Table
from ..kit.statistics import ROUNDS, tar_at_far_1
from ..kit.workspace import Workspace

# The publisher names no attribute. Read off the pictures by eye, once; open to doubt.
ALWAYS = ("s2", "s14", "s20", "s27", "s28", "s31", "s34", "s37")
SOMETIMES = ("s4", "s7", "s8", "s13", "s17", "s19", "s36")


def study(workspace: Workspace, found: Evaluated) -> Study:
    """Refusals of one person's pairs at the service's threshold, by kind of person and picture."""
    one, other, same = model.pairs(found.test.people)
    refused = found.rows.model.to_numpy() <= found.recogniser.threshold
    people, lopsided = found.test.people, asymmetry(found.test.pixels)
    turned = lopsided >= np.quantile(lopsided, 1 - workspace.config["evaluate"]["turned"])
    kinds = {
        "never with glasses": ~np.isin(people[one], (*ALWAYS, *SOMETIMES)),
        "now with glasses, now without": np.isin(people[one], SOMETIMES),
        "always with glasses": np.isin(people[one], ALWAYS),
        "neither picture turned": ~turned[one] & ~turned[other],
        "one of the two turned": turned[one] != turned[other],
        "both turned": turned[one] & turned[other],
    }
    rows = []
    for name, mask in kinds.items():
        if (own := mask & same).any():
            whose = len(set(found.rows.group.to_numpy()[own]))
            rows.append([name, int(own.sum()), whose, found.share(refused, own)])
    names = np.unique(people)
    each = [[str(who), refused[same & (people[one] == who)].mean()] for who in names]
    worst = sorted(each, key=lambda row: -row[1])
    low, high = both_sides(found)
    return Study(
        title="Whom does it fail?",
        text="Glasses were labelled by eye, person by person. A picture counts as turned when it "
        "is among those least like their own mirror image, which light from the side does as well.",
        tables={
            "kinds": Table(
                f"One person's pairs refused by the service, by kind. {EACH_ALONE}",
                ["pairs", "n", "people", "refused"],
                rows,
            ),
            "people": Table(
                "The same by person, those refused most often first.", ["person", "refused"], worst
            ),
        },
        notes={
            "people": f"Of {len(names)} people {sum(share == 0 for _, share in each)} are never "
            f"refused; the person refused most is refused in {worst[0][1]:.0%} of their pairs.",
            "both-sides": "Drawing people on both sides of a pair, each pair as often as the "
            f"product of its two people's draws, gives [{low:.3f}, {high:.3f}] for the headline.",
        },
    )


def asymmetry(pixels: NDArray[np.uint8]) -> model.Array:
    """How little a picture is like its mirror image, 0 to 2, shape (n,)."""
    straight, mirrored = (model.thumbnails(each, 4) for each in (pixels, pixels[:, :, ::-1]))
    return 1 - np.einsum("ij,ij->i", straight, mirrored)


def both_sides(found: Evaluated) -> tuple[float, float]:
    """The headline's interval where both people of a pair are drawn (Owen, 2007)."""
    one, other, same = model.pairs(found.test.people)
    names, number = np.unique(found.test.people, return_inverse=True)
    said, random, draws = found.rows.model.to_numpy(), np.random.default_rng(found.seed), []
    for _ in range(ROUNDS):
        times = np.bincount(random.integers(0, len(names), len(names)), minlength=len(names))
        first, second = times[number[one]], times[number[other]]
        weight = np.where(same, first, first * second)
        rows = np.repeat(np.arange(len(said)), weight)
        draws.append(tar_at_far_1(same[rows], said[rows]))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)
