"""What do ten recordings of one's own voice gain?"""

import numpy as np
from numpy.typing import NDArray

from ..data import DIGITS
from ..evaluate import Evaluated
from ..kit.results import Score, Study, Table
from ..kit.statistics import compared, paired_difference
from ..kit.workspace import Workspace
from ..predict import NONE, Enrolled, Recogniser, remember


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Each new speaker says every digit once before being asked: their first training takes."""
    takes, test = workspace.config["enrolment"]["takes"], evaluated.test
    said = np.empty(len(test), dtype=np.int64)
    for who in evaluated.speakers:
        network, rows = evaluated.network(f"{who}/0"), test.speakers == who
        own = enrol(evaluated, who, network, takes)
        said[rows] = with_enrolled(network, evaluated.seen[rows], evaluated.chances[rows], own)
    right = (said == test.digits).astype(float)
    before = evaluated.right.astype(float)
    gain = paired_difference(
        lambda _, column: float(np.mean(column)),
        test.digits, right, before, groups=test.speakers, seed=workspace.seed,
    )  # fmt: skip
    rows = [
        [who, float(before[test.speakers == who].mean()), float(right[test.speakers == who].mean())]
        for who in evaluated.speakers
    ]
    return Study(
        title="What does it gain to enrol?",
        text="Each speaker was new to their network, and had said every digit before, "
        f"{'once' if takes == 1 else f'{takes} times'}: takes that are in no test set. Nothing is "
        "trained; a digit becomes likelier where the recording resembles the enrolled one.",
        tables={
            "enrolment": Table(
                "Accuracy without and with recordings of one's own.",
                ["speaker", "without", "with"], rows,
            )
        },
        notes={
            "enrolment": f"With {takes * NONE} recordings of the speaker accuracy changes by "
            f"{compared(gain)}, interval by speaker."
        },
        scores={
            "accuracy_enrolled": Score(
                "accuracy for an enrolled speaker", evaluated.interval(np.mean, right)
            )
        },
    )  # fmt: skip


def enrol(evaluated: Evaluated, who: str, network: Recogniser, takes: int) -> Enrolled:
    """Descriptors of the first training takes of each digit by this speaker."""
    train, found = evaluated.train, {}
    for digit, word in enumerate(DIGITS):
        rows = np.flatnonzero((train.speakers == who) & (train.digits == digit))[:takes]
        if len(rows):
            found[word] = network.describe(evaluated.train_seen[rows]).tolist()
    return found


def with_enrolled(
    network: Recogniser, seen: NDArray, chances: NDArray, enrolled: Enrolled
) -> NDArray[np.int64]:
    """The likeliest digit of each recording, where the speaker's own speak too."""
    found = [
        remember(each, vector, enrolled, network.weight)[:NONE].argmax()
        for each, vector in zip(chances, network.describe(seen), strict=True)
    ]
    return np.array(found)
