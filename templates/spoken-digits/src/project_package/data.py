"""The recordings: download, read, and keep some takes of every speaker for the test.

Six speakers said every digit fifty times. Of these takes the seed draws those for the test set,
as many of each speaker and digit. Which speakers a network may hear is decided in training: for
each of them it is trained once without.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .audio import RATE, read_wave
from .kit import holdout
from .kit.holdout import Ledger, connect
from .kit.sample import write_sample
from .kit.sources import WebArchive, fetch_first
from .kit.workspace import ManifestError, Workspace

COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
CONTENT_SHA256 = "ddb17656a0bca4c5ddace082be188ca630516dc2ef1110afe3c4e9cc71173de4"
SOURCES = [
    WebArchive(
        "Free Spoken Digit Dataset",
        f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{COMMIT}.tar.gz",
        ".wav",
        CONTENT_SHA256,
        names=(f"free-spoken-digit-dataset-{COMMIT}.tar.gz", f"{COMMIT}.tar.gz"),
    )
]
PARTS = ("train", "test")
EMPTY = "recordings without a single sample"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Recordings:
    """Rows of one part: `sounds`, int16 at RATE, each of its own length; the others (n,)."""

    sounds: NDArray[np.object_]
    digits: NDArray[np.int64]
    speakers: NDArray[np.str_]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray) -> "Recordings":
        """The rows at these positions, or where this mask is true."""
        return Recordings(*(column[rows] for column in vars(self).values()))


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write both parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "synthesised sample: invented voices, nobody's recordings"
        recordings = read_part(write_sample(workspace.sample))
    else:
        source = fetch_first(SOURCES, workspace.raw)
        recordings = read_raw(workspace.raw)
    sha256 = hashlib.sha256("\n".join([*recordings.ids, *inputs(recordings)]).encode()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)
    ledger, counts = Ledger(len(recordings)), count(recordings)
    recordings = recordings.take(np.array([len(sound) > 0 for sound in recordings.sounds]))
    ledger.drop("something can be heard", len(recordings), EMPTY)
    parts = split(recordings, workspace.seed, workspace.config["data"])
    files = {
        name: (write_part(workspace, name, part), list(part.ids)) for name, part in parts.items()
    }
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    told = ", ".join(f"{name} {len(part):,}" for name, part in parts.items())
    people = len(set(recordings.speakers))
    print(f"{len(recordings):,} recordings of {people} speakers from the {source}: {told}")


def load(workspace: Workspace, part: str, reader: str) -> Recordings:
    """One part, checked against the manifest."""
    return read_part(holdout.open_part(workspace, part, reader))


def inputs(recordings: Recordings | pd.DataFrame) -> list[str]:
    """The samples of each recording, as their SHA-256."""
    return [hashlib.sha256(sound.tobytes()).hexdigest() for sound in recordings.sounds]


def read_raw(folder: Path) -> Recordings:
    """All recordings by name; raises ManifestError unless every byte is known."""
    paths = sorted(folder.glob("*/*.wav"), key=lambda path: path.relative_to(folder).as_posix())
    contents = [path.read_bytes() for path in paths]
    if hashlib.sha256(b"".join(contents)).hexdigest() != CONTENT_SHA256:
        raise ManifestError("these are not the published recordings: delete data/raw, run `data`")
    digits, speakers, _ = zip(*(path.stem.split("_") for path in paths), strict=True)
    return Recordings(
        as_rows([read_wave(content) for content in contents]),
        np.array(digits, dtype=np.int64),
        np.array(speakers),
        np.array([path.stem for path in paths]),
    )


def as_rows(sounds: list[NDArray[np.int16]]) -> NDArray[np.object_]:
    """Arrays of any length as one column."""
    column = np.empty(len(sounds), dtype=object)
    column[:] = sounds
    return column


def split(
    recordings: Recordings, seed: int, settings: Mapping[str, float]
) -> dict[str, Recordings]:
    """Training and test set by name: of each speaker and digit, `test_share` of the takes.

    Recordings that are the same, sample for sample, stay together.
    """
    # practice: split
    random = np.random.default_rng(seed)
    together = connect(inputs(recordings))
    test = np.zeros(len(recordings), dtype=bool)
    kinds = pd.Series(range(len(recordings))).groupby([recordings.speakers, recordings.digits])
    for _, rows in kinds:
        drawn = random.permutation(rows.to_numpy())
        test[drawn[: round(settings["test_share"] * len(drawn))]] = True
    test = np.isin(together, together[test])
    return {"train": recordings.take(~test), "test": recordings.take(test)}
    # practice: end


def count(recordings: Recordings) -> dict[str, Any]:
    """What the data sheet reports."""
    seconds = np.array([len(sound) for sound in recordings.sounds]) / RATE
    return {
        "recordings": len(recordings),
        "speakers": len(set(recordings.speakers)),
        "exact_copies": len(recordings) - len(set(inputs(recordings))),
        "shortest_seconds": round(float(seconds.min()), 3),
        "longest_seconds": round(float(seconds.max()), 3),
    }


def write_part(workspace: Workspace, name: str, recordings: Recordings) -> Path:
    """Write one part as arrays: all sounds one after the other, and where each ends."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.npz"
    columns = {**vars(recordings), "ends": np.cumsum([len(each) for each in recordings.sounds])}
    del columns["sounds"]
    np.savez(path, sound=np.concatenate([*recordings.sounds]), **columns)
    return path


def read_part(path: Path) -> Recordings:
    """Read what `write_part` or the sample wrote."""
    with np.load(path, allow_pickle=False) as stored:
        sounds = as_rows(np.split(stored["sound"], stored["ends"][:-1]))
        return Recordings(sounds, stored["digits"], stored["speakers"], stored["ids"])
