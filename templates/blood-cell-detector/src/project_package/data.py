"""The pictures: download, read, find which show the same field, and keep some fields for the test.

Some pictures show a field that another one shows, too, a little shifted. Whoever splits pictures
by chance, as the publisher did, asks about cells that were in training. Here a field is in one
part as a whole.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .boxes import BOX, KIND, areas, overlaps
from .fields import find_fields
from .kit import holdout
from .kit.holdout import Ledger
from .kit.sample import write_sample
from .kit.sources import WebArchive, fetch_first
from .kit.workspace import ManifestError, Workspace
from .pictures import KINDS, Pictures, as_column, decode, read_boxes, read_part, shrink

COMMIT = "d272fb14cdff6e473fafeeeba32aba5f560e9e43"
CONTENT_SHA256 = "ff20040e33ff6e6dc84250ccba21969e7468a97f558661ae05ba259b7616e4ec"
SOURCES = [
    WebArchive(
        "BCCD Dataset",
        f"https://github.com/Shenggan/BCCD_Dataset/archive/{COMMIT}.tar.gz",
        (".jpg", ".xml", ".txt"),
        CONTENT_SHA256,
        names=(f"BCCD_Dataset-{COMMIT}.tar.gz", f"{COMMIT}.tar.gz"),
    )
]
PARTS = ("train", "test")
NO_AREA = "boxes without an area"
TWICE = "a cell boxed twice"
NO_CELLS = "pictures without a box"


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write both parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    config = workspace.config
    if sample:
        source = "generated sample: drawn circles, nobody's blood"
        pictures = read_part(write_sample(workspace.sample))
    else:
        source = fetch_first(SOURCES, workspace.raw)
        pictures = read_raw(workspace.raw, config["picture"])
    ledger = Ledger(boxes_of(pictures), "boxes")
    pictures, counts = tidy(pictures, config["data"], ledger)
    fields = find_fields(pictures.pixels, config["fields"])
    pictures = Pictures(**{**vars(pictures), "fields": fields})
    sha256 = hashlib.sha256("\n".join([*pictures.ids, *inputs(pictures)]).encode()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)
    parts = split(pictures, workspace.seed, config["data"])
    files = {
        name: (write_part(workspace, name, part), list(part.ids)) for name, part in parts.items()
    }
    counts |= count(pictures)
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    told = ", ".join(f"{name} {len(part):,}" for name, part in parts.items())
    many = len(np.unique(pictures.fields))
    print(f"{len(pictures):,} pictures of {many:,} fields from the {source}: {told}")


def load(workspace: Workspace, part: str, reader: str) -> Pictures:
    """One part, checked against the manifest."""
    return read_part(holdout.open_part(workspace, part, reader))


def inputs(pictures: Pictures | pd.DataFrame) -> list[str]:
    """The pixels of each picture, as their SHA-256."""
    return [hashlib.sha256(np.ascontiguousarray(each)).hexdigest() for each in pictures.pixels]


def read_raw(folder: Path, settings: Mapping[str, int]) -> Pictures:
    """All pictures by name; raises ManifestError unless every byte is known."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.glob("*/*")}
    contents = {name: paths[name].read_bytes() for name in sorted(paths)}
    if hashlib.sha256(b"".join(contents.values())).hexdigest() != CONTENT_SHA256:
        raise ManifestError("these are not the published pictures: delete data/raw, run `data`")
    ids = [path.stem for name, path in paths.items() if name.endswith(".jpg")]
    ids.sort()
    tested = set(contents["Main/test.txt"].decode().split())
    pixels, cells = [], []
    for name in ids:
        picture = decode(contents[f"JPEGImages/{name}.jpg"])
        scale = settings["width"] / picture.shape[1], settings["height"] / picture.shape[0]
        pixels.append(shrink(picture, settings))
        cells.append(read_boxes(contents[f"Annotations/{name}.xml"]) * [1, *scale, *scale])
    official = np.array(["test" if name in tested else "train" for name in ids])
    unknown = np.zeros(len(ids), dtype=np.int64)
    return Pictures(np.stack(pixels), as_column(cells), unknown, official, np.array(ids))


def boxes_of(pictures: Pictures) -> int:
    """How many cells are boxed."""
    return sum(map(len, pictures.cells))


def tidy(
    pictures: Pictures, settings: Mapping[str, float], ledger: Ledger
) -> tuple[Pictures, dict[str, int]]:
    """Without boxes that have no area or box a cell again, and without pictures that have none."""
    kept = [cells[areas(cells[:, BOX]) > 0] for cells in pictures.cells]
    ledger.drop("boxes have an area", sum(map(len, kept)), NO_AREA)
    kept = [once(cells, settings["twice"]) for cells in kept]
    ledger.drop("each cell is boxed once", sum(map(len, kept)), TWICE)
    ledger.count_as("pictures", len(pictures))
    pictures = Pictures(**{**vars(pictures), "cells": as_column(kept)})
    pictures = pictures.take(np.array([len(cells) > 0 for cells in kept]))
    ledger.drop("something is boxed", len(pictures), NO_CELLS)
    return pictures, {"boxes": boxes_of(pictures)}


def once(cells: NDArray, overlap: float) -> NDArray:
    """Of boxes of one kind that share more than `overlap`, the first."""
    again = overlaps(cells[:, BOX], cells[:, BOX]) > overlap
    again &= cells[:, None, KIND] == cells[None, :, KIND]
    return cells[~np.tril(again, -1).any(axis=1)]


def split(pictures: Pictures, seed: int, settings: Mapping[str, float]) -> dict[str, Pictures]:
    """Training and test set by name: whole fields, drawn until the test set is large enough."""
    # practice: split
    test = draw_fields(pictures.fields, settings["test_share"], np.random.default_rng(seed))
    return {"train": pictures.take(~test), "test": pictures.take(test)}
    # practice: end


def draw_fields(
    fields: NDArray[np.int64], share: float, random: np.random.Generator
) -> NDArray[np.bool_]:
    """A mask of whole fields, drawn in random order until they have `share` of all pictures."""
    names, sizes = np.unique(fields, return_counts=True)
    order = random.permutation(len(names))
    before = np.cumsum(sizes[order]) - sizes[order]
    return np.isin(fields, names[order[before < round(share * len(fields))]])


def count(pictures: Pictures) -> dict[str, Any]:
    """What the data sheet reports."""
    kinds = np.concatenate([cells[:, KIND] for cells in pictures.cells]).astype(int)
    _, sizes = np.unique(pictures.fields, return_counts=True)
    known = pictures.fields[pictures.official == "train"]
    crossing = (pictures.official == "test") & np.isin(pictures.fields, known)
    return {
        **{f"{name}s": int((kinds == kind).sum()) for kind, name in enumerate(KINDS)},
        "pictures": len(pictures),
        "fields": len(sizes),
        "pictures_of_shared_fields": int(sizes[sizes > 1].sum()),
        "exact_copies": len(pictures) - len(set(inputs(pictures))),
        "official_test": int((pictures.official == "test").sum()),
        "official_test_seen_in_training": int(crossing.sum()),
    }


def write_part(workspace: Workspace, name: str, pictures: Pictures) -> Path:
    """Write one part as arrays: all boxes one after the other, and where each picture's end."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.npz"
    columns = {**vars(pictures), "ends": np.cumsum([len(each) for each in pictures.cells])}
    columns["cells"] = np.concatenate([*pictures.cells])
    np.savez(path, **columns)
    return path
