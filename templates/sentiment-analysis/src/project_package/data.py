"""The rated snippets: download, read, group what belongs together, split.

Four kinds of text, each snippet rated by 15 or more people from −4 to 4. The rating to predict
is the published mean. Sentences of one review or editorial stay on one side of the split, and
so do snippets with the same words.
"""

import ast
import hashlib
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from .kit import holdout
from .kit.holdout import Ledger, connect
from .kit.sources import PythonPackage, WebSource, fetch_first
from .kit.workspace import Workspace

ARCHIVE = "hutto_ICWSM_2014.tar.gz"
ARCHIVE_SHA256 = "d5bb07d87474b3eb8d30b4deccbc23f19d742a6c5718fbacc65485b70b95c5fa"
SOURCES = [
    WebSource(
        "VADER's human-rated snippets, authors' repository",
        {
            "https://raw.githubusercontent.com/cjhutto/vaderSentiment/master/"
            f"additional_resources/{ARCHIVE}": ARCHIVE_SHA256
        },
    ),
    PythonPackage(
        "VADER's human-rated snippets, source archive of Python package vaderSentiment 3.3.2",
        "vaderSentiment==3.3.2",
        {f"additional_resources/{ARCHIVE}": ARCHIVE_SHA256},
        sdist=True,
    ),
]
# The eight files of ratings, one after the other, in the order of FILES.
CONTENT_SHA256 = "9e655abe1c2dcc7f6b1a75ac4e7a40a76e094e0fed4a9b21ff0544c82deedf59"

# The publisher's file names, and the kinds of text they hold.
FILES = {
    "tweets": "tweets",
    "movies": "movieReviewSnippets",
    "amazon": "amazonReviewSnippets",
    "nyt": "nytEditorialSnippets",
}
TABLES = ("GroundTruth", "anonDataRatings")
KINDS = tuple(FILES)
NAMES = {
    "tweets": "tweets",
    "movies": "film reviews",
    "amazon": "product reviews",
    "nyt": "editorials",
}
PARTS = ("train", "test")
TEST_FOLD = 0
ROUNDING = 0.01  # a published mean that is further from its ratings contradicts them


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the two parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source, folder = "committed sample", workspace.sample
    else:
        source, folder = fetch_first(SOURCES, workspace.raw), workspace.raw
    files = read_archive(folder / ARCHIVE)
    sha256 = content_sha256(files)
    if not sample and sha256 != CONTENT_SHA256:
        print(f"note: the ratings hash to {sha256[:12]}, not to the {CONTENT_SHA256[:12]} known")
    holdout.require_same_data(workspace, sha256, sample)

    ledger = Ledger(count_lines(files))
    snippets = split(read_snippets(files), workspace.config["data"]["folds"], workspace.seed)
    ledger.drop("joining means and ratings", len(snippets), "a mean without ratings")
    in_test = snippets.fold == TEST_FOLD
    sealed = {}
    for name, part in (("train", snippets[~in_test]), ("test", snippets[in_test])):
        sealed[name] = (write_part(workspace, name, part), list(part.id))
    counts = count(snippets)
    holdout.seal(
        workspace, sealed, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(snippets[in_test]),
    )  # fmt: skip
    print(f"{len(snippets):,} snippets from the {source}: {counts}")


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, kind, text, rating, ratings (of each person), group, fold."""
    path = holdout.open_part(workspace, part, reader)
    return pd.read_json(path, lines=True, dtype={"id": str, "text": str})


def inputs(snippets: pd.DataFrame) -> list[str]:
    """The words of each snippet."""
    return [normalise(text) for text in snippets.text]


def read_archive(path: Path) -> dict[str, bytes]:
    """The eight files of ratings by name."""
    wanted = [f"{stem}_{which}.txt" for stem in FILES.values() for which in TABLES]
    with tarfile.open(path) as archive:
        members = {Path(member.name).name: member for member in archive if member.isfile()}
        return {name: archive.extractfile(members[name]).read() for name in wanted}


def count_lines(files: Mapping[str, bytes]) -> int:
    """Snippets in the tables of means, before anything is read of them."""
    means = [content for name, content in files.items() if TABLES[0] in name]
    return sum(len(content.splitlines()) for content in means)


def content_sha256(files: Mapping[str, bytes]) -> str:
    """SHA-256 of the files' bytes in order."""
    digest = hashlib.sha256()
    for content in files.values():
        digest.update(content)
    return digest.hexdigest()


def read_snippets(files: Mapping[str, bytes]) -> pd.DataFrame:
    """One row a snippet, ids like amazon/12_3; the groups cover all kinds."""
    tables = [
        read_kind(kind, files[f"{stem}_GroundTruth.txt"], files[f"{stem}_anonDataRatings.txt"])
        for kind, stem in FILES.items()
    ]
    snippets = pd.concat(tables, ignore_index=True)
    snippets["group"] = find_relatives(snippets)
    return snippets


def read_kind(kind: str, truth: bytes, ratings: bytes) -> pd.DataFrame:
    """Published means joined with what each person said.

    Raises ValueError when a line has another shape or a snippet has no ratings.
    """
    said = {}
    for line in ratings.decode("utf-8-sig").splitlines():
        number, _, _, values = line.split("\t")
        said[number] = ast.literal_eval(values)
    rows = []
    for line in truth.decode("utf-8").splitlines():
        number, mean, text = line.split("\t")
        if number not in said:
            raise ValueError(f"{kind} {number} has a mean but no ratings")
        rows.append((f"{kind}/{number}", kind, text, float(mean), said[number]))
    return pd.DataFrame(rows, columns=["id", "kind", "text", "rating", "ratings"])


def find_relatives(snippets: pd.DataFrame) -> NDArray[np.int64]:
    """Group numbers, shape (n,): the same review or editorial, or the same words."""
    return connect(
        [parent(number) for number in snippets.id],
        [normalise(text) or None for text in snippets.text],
    )


def parent(number: str) -> str | None:
    """The review or editorial that a sentence comes from; None where the data do not say."""
    whole, found, _ = number.partition("_")
    return whole if found else None


def normalise(text: str) -> str:
    """Lower case, letters and digits only: "GREAT!!!" and "great" are the same words."""
    # practice: normalise
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
    # practice: end


def split(snippets: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    """Adds the fold, from 0: kinds in equal shares, groups kept together. Fold 0: test."""
    # practice: split
    folds = np.empty(len(snippets), dtype=int)
    splitter = StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    for number, (_, rows) in enumerate(splitter.split(snippets, snippets.kind, snippets.group)):
        folds[rows] = number
    return snippets.assign(fold=folds)
    # practice: end


def count(snippets: pd.DataFrame) -> dict[str, int]:
    """What the data sheet reports."""
    words = snippets.text.map(normalise)
    own_mean = snippets.ratings.map(np.mean)
    return {
        **{NAMES[kind]: int((snippets.kind == kind).sum()) for kind in KINDS},
        "exact copies": int(snippets.text.duplicated().sum()),
        "copies but for case and punctuation": int(words.duplicated().sum()),
        "groups": int(snippets.group.nunique()),
        "means that differ from their ratings": int(
            ((snippets.rating - own_mean).abs() > ROUNDING).sum()
        ),
    }


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as JSON lines."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.jsonl"
    part.to_json(path, orient="records", lines=True, force_ascii=False, double_precision=12)
    return path
