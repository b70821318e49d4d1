"""Does it keep quiet about what is no digit: other words, words backwards, noise, silence?"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from .. import model
from ..audio import RATE
from ..data import as_rows
from ..evaluate import Evaluated, answers
from ..kit.results import Score, Study, Table
from ..kit.statistics import Interval, bootstrap
from ..kit.workspace import Workspace
from ..predict import Recogniser
from ..train import STRANGERS, speakers_of

FAINT = 30  # of the samples of what counts as silence here: standard deviation
HUM, OVERTONES = 100, 20  # hertz, more or less, and so many waves above it
SECONDS = 0.5
TAIL = 0.025  # of a 95 % interval


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """How often each kind of sound is answered as if it were a digit."""
    rows = [
        [
            "digits of a new speaker",
            len(evaluated.test),
            evaluated.interval(np.mean, evaluated.sure),
        ],
        other_words(workspace, evaluated),
        backwards(evaluated),
        *noises(workspace, evaluated.shipped),
    ]
    wrong = rows[1][2]
    return Study(
        title="What is no digit",
        text="Other words: networks trained without two of the digits and two of the speakers were "
        "asked about these digits by these speakers. Backwards: recordings turned round in time, "
        "by networks that had not heard the speaker. Noise, hum and near silence were made. What "
        'stands in the training set as "none of them" is made otherwise: halves of two words, and '
        "noise of other colours.",
        tables={
            STRANGERS: Table(
                "Share that is answered as a digit, at the service's threshold. The first row "
                "should be high, all others low.",
                ["sounds", "n", "answered"],
                rows,
            )
        },
        scores={
            "other_words_answered": Score(
                "other words taken for a digit", wrong, higher_is_better=False
            )
        },
    )


def other_words(workspace: Workspace, evaluated: Evaluated) -> list:
    """Words that a network has never been told of, by speakers it has not heard."""
    people, test = speakers_of(evaluated.train), evaluated.test
    taken, groups = [], []
    for number, words in enumerate(workspace.config[STRANGERS]["words"]):
        strange = np.isin(test.speakers, people[2 * number : 2 * number + 2])
        rows = strange & np.isin(test.digits, words)
        chances = evaluated.network(f"{STRANGERS}/{number}").chances(evaluated.seen[rows])
        taken.append(answers(chances, evaluated.shipped.threshold))
        groups.append(test.speakers[rows])
    said = np.concatenate(taken)
    found = bootstrap(np.mean, said, groups=np.concatenate(groups), seed=workspace.seed)
    return ["other words", len(said), found]


def backwards(evaluated: Evaluated) -> list:
    """Recordings turned round."""
    turned = as_rows([sound[::-1] for sound in evaluated.test.sounds])
    seen = model.see(turned, evaluated.shipped.sound)
    said = np.zeros(len(seen), dtype=bool)
    for who in evaluated.speakers:
        rows = evaluated.test.speakers == who
        chances = evaluated.network(f"{who}/0").chances(seen[rows])
        said[rows] = answers(chances, evaluated.shipped.threshold)
    return ["digits backwards", len(said), evaluated.interval(np.mean, said)]


def noises(workspace: Workspace, shipped: Recogniser) -> list[list]:
    """Made sounds, asked of the network that is served."""
    random, many = np.random.default_rng(workspace.seed), workspace.config[STRANGERS]["sounds"]
    kinds = make_noises(many, random)
    rows = []
    for name, sounds in kinds.items():
        said = np.array([shipped.recognise(sound, {}, explain=False).sure for sound in sounds])
        rows.append([name, many, beta_interval(said)])
    return rows


def beta_interval(said: NDArray[np.bool_]) -> Interval:
    """Of a share (Clopper and Pearson, 1934): none seen in so many trials is not never."""
    hits, many = int(said.sum()), len(said)
    low = beta.ppf(TAIL, hits, many - hits + 1) if hits else 0.0
    high = beta.ppf(1 - TAIL, hits + 1, many - hits) if hits < many else 1.0
    return Interval(hits / many, float(low), float(high))


def make_noises(many: int, random: np.random.Generator) -> dict[str, list[NDArray[np.int16]]]:
    """Sounds that nobody said."""
    length = int(SECONDS * RATE)
    places = np.arange(length) / RATE

    def loud(sound: NDArray) -> NDArray[np.int16]:
        return (sound / np.abs(sound).max() * random.uniform(2000, 30000)).astype(np.int16)

    return {
        "white noise": [loud(random.normal(0, 1, length)) for _ in range(many)],
        "hum": [
            loud(sum(np.sin(2 * np.pi * hertz * k * places) / k for k in range(1, OVERTONES)))
            for hertz in HUM * random.uniform(0.8, 1.3, many)
        ],
        "near silence": [random.normal(0, FAINT, length).astype(np.int16) for _ in range(many)],
    }
