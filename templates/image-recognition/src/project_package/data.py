"""The images: download, read, find near-copies, split as the publisher did.

The official 60,000 and 10,000 images stay what they are, so that results can be compared with
published ones; a training image that is a near-copy of a test image is left out of training.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from sklearn.model_selection import train_test_split

from .kit import holdout
from .kit.holdout import Ledger
from .kit.sources import DebianPackage, WebSource, fetch_first
from .kit.workspace import ManifestError, Workspace

CLASSES = (
    "T-shirt", "trousers", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
SIDE = 28  # pixels

PUBLISHER = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
FILES = {  # as the publisher packed them
    "train-images-idx3": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
CONTENTS = {  # unpacked: the same whoever packed them
    "train-images-idx3": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
SOURCES = [
    WebSource(
        "Zalando Research",
        {f"{PUBLISHER}{name}-ubyte.gz": sha256 for name, sha256 in FILES.items()},
    ),
    DebianPackage(
        "Debian package dataset-fashion-mnist",
        "dataset-fashion-mnist",
        [f"usr/share/datasets/fashion-mnist/{name}-ubyte.gz" for name in FILES],
    ),
]
COPIES = "training images that are near-copies of a test image"
PARTS = ("train", "validation", "test")
REACH = 30.0  # in the coarse view; a search of all pairs finds no near-copies farther apart
CHUNK = 20_000  # pairs compared at a time


@dataclass(frozen=True)
class Images:
    """Rows of one part: `pixels` uint8 (n, 28, 28), white on black; `labels` (n,); `ids` (n,)."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray | slice) -> "Images":
        """The rows at these positions, in this slice, or where this mask is true."""
        return Images(self.pixels[rows], self.labels[rows], self.ids[rows])


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the three parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "committed sample"
        official = read_part(workspace.sample / "images.npz")
    else:
        source = fetch_first(SOURCES, workspace.raw)
        official = read_raw(workspace.raw)
    sha256 = content_sha256(official)
    holdout.require_same_data(workspace, sha256, sample)
    ledger = Ledger(len(official))
    parts, counts = split(official, workspace.config["data"], workspace.seed, ledger)
    files = {
        name: (write_part(workspace, name, part), [str(row) for row in part.ids])
        for name, part in parts.items()
    }
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    rows = ", ".join(f"{name} {len(part):,}" for name, part in parts.items())
    print(f"{len(official):,} images from the {source}: {rows}")


def load(workspace: Workspace, part: str, reader: str) -> Images:
    """One part, checked against the manifest."""
    return read_part(holdout.open_part(workspace, part, reader))


def inputs(images: Images | pd.DataFrame) -> list[str]:
    """The pixels of each image."""
    return [hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in images.pixels]


def read_raw(folder: Path) -> Images:
    """All 70,000 images in the official order; raises ManifestError unless every byte is known."""
    contents = {}
    for name, sha256 in CONTENTS.items():
        contents[name] = gzip.decompress((folder / f"{name}-ubyte.gz").read_bytes())
        if hashlib.sha256(contents[name]).hexdigest() != sha256:
            raise ManifestError(
                f"{name} does not hold the published bytes; delete data/raw and run `data` again"
            )
    pixels = [read_idx(contents[name]) for name in CONTENTS if "images" in name]
    labels = [read_idx(contents[name]) for name in CONTENTS if "labels" in name]
    ids = [f"{part}-{row:05}" for part, rows in zip(("train", "test"), labels, strict=True)
           for row in range(len(rows))]  # fmt: skip
    return Images(np.concatenate(pixels), np.concatenate(labels).astype(np.int64), np.array(ids))


def read_idx(content: bytes) -> NDArray[np.uint8]:
    """An array in LeCun's IDX format: two zero bytes, type 8, the number of axes, their sizes."""
    if content[:3] != b"\x00\x00\x08":
        raise ManifestError("not an IDX file of bytes")
    axes = content[3]
    shape = np.frombuffer(content, ">i4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def content_sha256(images: Images) -> str:
    """SHA-256 of all pixels, then all labels as bytes."""
    digest = hashlib.sha256(images.pixels.tobytes())
    digest.update(images.labels.astype(np.uint8).tobytes())
    return digest.hexdigest()


def split(
    official: Images, settings: Mapping[str, float], seed: int, ledger: Ledger
) -> tuple[dict[str, Images], dict[str, Any]]:
    """Training, validation and the official test set, and the counts for the data sheet.

    No near-copy crosses: copies of test images leave the training rows, and copies among the
    training rows go to the same side of the split into train and validation.
    """
    group = near_copies(official.pixels, settings["near"])
    is_test = np.char.startswith(official.ids, "test")
    copy_of_test = ~is_test & np.isin(group, group[is_test])
    usable = np.flatnonzero(~is_test & ~copy_of_test)
    ledger.drop("near-copies across the official split", int((~copy_of_test).sum()), COPIES)
    groups, first = np.unique(group[usable], return_index=True)
    _, held_back = train_test_split(
        groups,
        test_size=settings["validation_share"],
        stratify=official.labels[usable][first],
        random_state=seed,
    )
    is_validation = np.isin(group[usable], held_back)
    parts = {
        "train": official.take(usable[~is_validation]),
        "validation": official.take(usable[is_validation]),
        "test": official.take(is_test),
    }
    sizes = np.bincount(group)
    counts = {
        "official_training": int((~is_test).sum()),
        "official_test": int(is_test.sum()),
        "identical_images": len(official) - len(np.unique(_as_rows(official.pixels), axis=0)),
        "images_with_a_near_copy": int(sizes[sizes > 1].sum()),
        "copied_test_images": official.ids[is_test & np.isin(group, group[~is_test])].tolist(),
    }
    return parts, counts


def near_copies(pixels: NDArray[np.uint8], near: float) -> NDArray[np.int64]:
    """Group numbers, shape (n,): images in one group differ, link by link, by at most `near`."""
    # practice: near_copies
    alike = KDTree(coarse(pixels)).query_pairs(REACH, output_type="ndarray")
    chunks = [alike[start : start + CHUNK] for start in range(0, len(alike), CHUNK)]
    links = [
        pairs[difference(pixels[pairs[:, 0]], pixels[pairs[:, 1]]) <= near] for pairs in chunks
    ]
    starts, ends = np.concatenate([*links, np.empty((0, 2), dtype=int)]).T
    graph = coo_array((np.ones(len(starts)), (starts, ends)), shape=(len(pixels), len(pixels)))
    return connected_components(graph, directed=False)[1].astype(np.int64)
    # practice: end


def coarse(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A perceptual hash in grey levels: the mean brightness of 4 × 4 blocks, shape (n, 16)."""
    blocks = pixels.reshape(len(pixels), 4, SIDE // 4, 4, SIDE // 4)
    return blocks.mean(axis=(2, 4), dtype=np.float32).reshape(len(pixels), -1)


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Brightness that the two do not share, as a share of what either has, shape (n,)."""
    # practice: difference
    brighter, darker = np.maximum(one, other), np.minimum(one, other)
    either = brighter.sum(axis=(1, 2), dtype=np.int64)
    return (brighter - darker).sum(axis=(1, 2), dtype=np.int64) / np.maximum(either, 1)
    # practice: end


def write_part(workspace: Workspace, name: str, part: Images) -> Path:
    """Write one part."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.npz"
    np.savez(path, pixels=part.pixels, labels=part.labels, ids=part.ids)
    return path


def read_part(path: Path) -> Images:
    """Read one part, or the sample."""
    with np.load(path, allow_pickle=False) as arrays:
        return Images(arrays["pixels"], arrays["labels"].astype(np.int64), arrays["ids"])


def _as_rows(pixels: NDArray[np.uint8]) -> NDArray[np.void]:
    """One opaque value an image, so that whole images can be compared."""
    flat = np.ascontiguousarray(pixels.reshape(len(pixels), -1))
    return flat.view(np.dtype((np.void, flat.shape[1])))
