"""Look at the training takes before anything is fitted: figures and tables for the write-up."""

import numpy as np
import pandas as pd

from . import data
from .audio import RATE, log_mel, loudness
from .data import DIGITS, Recordings
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures; the test set stays closed."""
    train = data.load(workspace, "train", reader="explore")
    settings = workspace.config["sound"]
    known = pd.DataFrame(
        {
            "speaker": train.speakers,
            "digit": train.digits,
            "seconds": [len(sound) / RATE for sound in train.sounds],
            "loudness": [loudness(sound, settings) for sound in train.sounds],
        }
    )
    reach = settings["frames"] * settings["hop"] / RATE
    longer = float((known.seconds > reach).mean())
    write_exploration(
        workspace,
        Study(
            title="The training takes",
            text="",
            tables={"explored-speakers": speakers_table(known)},
            figures={
                "explored-voices": draw_voices(workspace, train),
                "explored-seconds": draw_seconds(workspace, known),
            },
            notes={
                "explored-length": f"The network sees the middle {reach:g} seconds; "
                f"{longer:.1%} of the training recordings are longer."
            },
        ),
    )
    print(f"{len(train):,} training recordings explored")


def speakers_table(known: pd.DataFrame) -> Table:
    """How long and how loud each speaker is."""
    groups = known.groupby("speaker")
    rows = [
        [who, len(own), own.seconds.median(), own.seconds.max(), own.loudness.median()]
        for who, own in groups
    ]
    columns = ["speaker", "recordings", "seconds, median", "longest", "decibels, median"]
    return Table("The speakers; loudness below the loudest that 16 bits hold.", columns, rows)


def draw_voices(workspace: Workspace, train: Recordings) -> Picture:
    """One word by every speaker, as the network sees it."""
    people = sorted(set(train.speakers.tolist()))
    with figures.figure(workspace.figures / "explored-voices", width=9, height=3) as (
        drawing,
        whole,
    ):
        whole.remove()
        for axes, who in zip(drawing.subplots(1, len(people)), people, strict=True):
            row = np.flatnonzero((train.speakers == who) & (train.digits == len(DIGITS) - 1))[0]
            seen = log_mel(train.sounds[row], workspace.config["sound"])
            axes.imshow(seen, origin="lower", aspect="auto", cmap="magma", vmin=0, vmax=1)
            axes.set_title(who, fontsize=9)
            axes.axis("off")
    return Picture(
        "The word nine by each speaker, as the network sees it: time to the right, pitch upwards.",
        "Small spectrograms side by side; bright bands lie at other heights for other speakers.",
    )


def draw_seconds(workspace: Workspace, known: pd.DataFrame) -> Picture:
    """How long a word takes whom."""
    people = sorted(known.speaker.unique())
    with figures.figure(workspace.figures / "explored-seconds", height=3.2) as (_, axes):
        axes.boxplot([known.seconds[known.speaker == who] for who in people], sym="")
        axes.set_xticklabels(people)
        axes.set(ylabel="seconds a recording")
    return Picture(
        "Seconds a recording, by speaker: median, quarters, and reach.",
        "One box for each speaker over the length of their recordings.",
    )
