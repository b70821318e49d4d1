"""The faces: download, read, split by people, so that nobody is in two parts."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .kit import holdout
from .kit.holdout import Ledger, connect
from .kit.sample import write_sample
from .kit.sources import WebArchive, fetch_first
from .kit.workspace import ManifestError, Workspace

HEIGHT, WIDTH = 112, 92  # pixels
HEADER = b"P5\n92 112\n255\n"  # of a picture in PGM format
CONTENT_SHA256 = "d55131c493f74d496242d79be79cbfd15d2672f23cb1636f845bdb5089d9ca35"
SOURCES = [
    WebArchive(
        "AT&T Laboratories Cambridge",
        "https://www.cl.cam.ac.uk/Research/DTG/attarchive/pub/data/att_faces.zip",
        ".pgm",
        CONTENT_SHA256,
        names=("orl_faces.tar.gz", "att_faces.zip"),
    )
]
PARTS = ("train", "test")


@dataclass(frozen=True)
class Faces:
    """Rows of one part: `pixels` uint8 (n, 112, 92); `people` and `ids` (n,) as text."""

    pixels: NDArray[np.uint8]
    people: NDArray[np.str_]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray) -> "Faces":
        """The rows at these positions, or where this mask is true."""
        return Faces(self.pixels[rows], self.people[rows], self.ids[rows])


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write both parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "drawn sample: invented faces, nobody's pictures"
        faces = read_part(write_sample(workspace.sample))
    else:
        source = fetch_first(SOURCES, workspace.raw)
        faces = read_raw(workspace.raw)
    sha256 = hashlib.sha256(faces.pixels.tobytes() + "\n".join(faces.people).encode()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)
    ledger = Ledger(len(faces), "pictures")
    parts = split(faces, workspace.seed, workspace.config["data"])
    files = {
        name: (write_part(workspace, name, part), list(part.ids)) for name, part in parts.items()
    }
    counts = count(faces)
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    told = ", ".join(f"{name} {len(set(part.people))} people" for name, part in parts.items())
    print(f"{len(faces):,} pictures from the {source}: {told}")


def load(workspace: Workspace, part: str, reader: str) -> Faces:
    """One part, checked against the manifest."""
    return read_part(holdout.open_part(workspace, part, reader))


def inputs(faces: Faces | pd.DataFrame) -> list[str]:
    """The pixels of each picture, as their SHA-256."""
    return [hashlib.sha256(np.asarray(pixels).tobytes()).hexdigest() for pixels in faces.pixels]


def read_raw(folder: Path) -> Faces:
    """All pictures by path; raises ManifestError unless every byte is known."""
    paths = sorted(folder.glob("s*/*.pgm"), key=lambda path: path.relative_to(folder).as_posix())
    contents = [path.read_bytes() for path in paths]
    if hashlib.sha256(b"".join(contents)).hexdigest() != CONTENT_SHA256:
        raise ManifestError("the pictures are not the published ones: delete data/raw, run `data`")
    pixels = [
        np.frombuffer(content.removeprefix(HEADER), np.uint8).reshape(HEIGHT, WIDTH)
        for content in contents
    ]
    people = np.array([path.parent.name for path in paths])
    return Faces(np.stack(pixels), people, np.array([f"{p.parent.name}/{p.stem}" for p in paths]))


def split(faces: Faces, seed: int, settings: Mapping[str, float]) -> dict[str, Faces]:
    """Training and test set by name, every person in one of them.

    People who share a picture, byte for byte, count as one here; `seed` deals them, and
    `test_share` of them are the test set.
    """
    # practice: split
    together = connect(faces.people.tolist(), inputs(faces))
    people = np.random.default_rng(seed).permutation(np.unique(together))
    test = np.isin(together, people[: round(settings["test_share"] * len(people))])
    return {"train": faces.take(~test), "test": faces.take(test)}
    # practice: end


def count(faces: Faces) -> dict[str, int]:
    """What the data sheet reports."""
    return {
        "pictures": len(faces),
        "people": len(set(faces.people)),
        "exact_copies": len(faces) - len(set(inputs(faces))),
    }


def write_part(workspace: Workspace, name: str, faces: Faces) -> Path:
    """Write one part as arrays."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.npz"
    np.savez(path, **vars(faces))
    return path


def read_part(path: Path) -> Faces:
    """Read what `write_part` or the sample wrote."""
    with np.load(path, allow_pickle=False) as stored:
        return Faces(stored["pixels"], stored["people"], stored["ids"])
