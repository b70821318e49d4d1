"""What is it worth to have heard the speaker before, and what do six speakers allow to say?"""

import numpy as np
from scipy.stats import t

from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import Picture, Score, Study, Table
from ..kit.statistics import Interval, decimal
from ..kit.workspace import Workspace
from ..model import SVM
from ..predict import NONE
from ..train import fit_simple, for_everybody

LEVEL = 0.975  # of the upper end of a 95 % interval


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same recordings, asked of methods that have heard the speaker, and that have not."""
    test = evaluated.test
    known = evaluated.shipped.chances(evaluated.seen)[:, :NONE].argmax(axis=1) == test.digits
    chosen = for_everybody(evaluated.training["chosen"])
    everybody = np.ones(len(evaluated.train), dtype=bool)
    settings = workspace.config["baselines"]
    fitted = fit_simple(SVM, evaluated.train, evaluated.train_seen, everybody, chosen, settings)
    known_svm = fitted(evaluated.seen) == test.digits
    new_svm = evaluated.said[SVM] == test.digits
    columns = {
        "network, new": evaluated.right,
        f"{SVM}, new": new_svm,
        "network, known": known,
        f"{SVM}, known": known_svm,
    }
    rows = {
        who: [float(column[test.speakers == who].mean()) for column in columns.values()]
        for who in evaluated.speakers
    }
    gain = np.array([row[0] - row[1] for row in rows.values()])
    return Study(
        title="Heard before, or new?",
        text="Each recording of the test set was asked twice: of methods trained without its "
        "speaker, and of methods trained on other takes of all speakers, as a split by recordings "
        "would do it. No recording was in any training.",
        tables={"speakers": table(evaluated, list(columns), rows)},
        figures={"speakers": draw(workspace, rows)},
        notes={"known": known_note(evaluated, known, known_svm, new_svm), "six": six_note(gain)},
        scores={
            "accuracy_known_speaker": Score(
                "accuracy for a known speaker",
                evaluated.interval(np.mean, known), float(known_svm.mean()),
            )
        },
    )  # fmt: skip


def table(evaluated: Evaluated, names: list[str], rows: dict[str, list[float]]) -> Table:
    """One row a speaker."""
    counts = {who: int((evaluated.test.speakers == who).sum()) for who in rows}
    return Table(
        "Accuracy by speaker; new: no recording of theirs was in training, known: others were.",
        ["speaker", "n", *names],
        [[who, counts[who], *row] for who, row in rows.items()],
    )


def t_interval(values: np.ndarray) -> Interval:
    """Of the mean, by Student's t with one value a speaker."""
    # practice: t_interval
    half = t.ppf(LEVEL, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return Interval(float(values.mean()), float(values.mean() - half), float(values.mean() + half))
    # practice: end


def known_note(evaluated: Evaluated, known, known_svm, new_svm) -> str:
    """What a split by recordings would have claimed."""
    return (
        f"Of a speaker heard in training the network understands {decimal(known.mean())} and the "
        f"support vector machine {decimal(known_svm.mean())}; of a new one, on the same "
        f"recordings, {decimal(evaluated.right.mean())} and {decimal(new_svm.mean())}. A split by "
        "recordings reports the first pair of numbers for a question that the second pair answers."
    )


def six_note(gain: np.ndarray) -> str:
    """What so few speakers allow to say of the network's gain."""
    above = int((gain > 0).sum())
    return (
        f"For {above} of {len(gain)} speakers the network's accuracy lies above that of the "
        f"support vector machine. The bootstrap over so few speakers draws intervals that are "
        f"too narrow; Student's t with one difference a speaker gives {t_interval(gain).signed}."
    )


def draw(workspace: Workspace, rows: dict[str, list[float]]) -> Picture:
    """Each speaker, new and known."""
    with figures.figure(workspace.figures / "speakers", height=3.4) as (_, axes):
        places = np.arange(len(rows))
        values = np.array(list(rows.values()))
        axes.plot(places, values[:, 0], "o", color=figures.MODEL, label="network, new")
        axes.plot(places, values[:, 1], "s", color=figures.BASELINE, label=f"{SVM}, new")
        axes.plot(
            places, values[:, 2], "o", mfc="none", color=figures.MODEL, label="network, known"
        )
        axes.plot(
            places, values[:, 3], "s", mfc="none", color=figures.BASELINE, label=f"{SVM}, known"
        )
        axes.set_xticks(places, rows)
        axes.set(ylabel="accuracy", ylim=(min(0.5, values.min() - 0.05), 1.02))
        axes.legend(loc="lower left", ncols=2)
    return Picture(
        "Accuracy for each speaker, by methods that have heard them before and that have not.",
        "Four points for each of the speakers: two methods, new and known.",
    )
