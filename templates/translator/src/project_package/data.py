"""Captions of photographs with their translations: download, read, and keep the publisher's parts.

Multi30k (Elliott et al., 2016) is split by its publishers: 29,000 pairs to learn from, 1,014 to
choose by, and three test sets, one of the same photographs' kind and year, two of 2017. What
stands in a part that measures is taken out of those that learn.
"""

import gzip
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger, connect
from .kit.sample import write_sample
from .kit.sources import WebSource, fetch_first
from .kit.workspace import Workspace
from .subwords import split_words, tidy

COMMIT = "a3d2e0d26b56f3846f66a952536ffed4e401d05a"
ADDRESS = f"https://raw.githubusercontent.com/multi30k/dataset/{COMMIT}/data/task1/raw"
FILES = {  # SHA-256 of what the publisher serves, by name
    "train.en": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    "train.de": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    "val.en": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    "val.de": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    "test_2016_flickr.en": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    "test_2016_flickr.de": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    "test_2017_flickr.en": "76a444ee25172e72695cddb13ae4a3bda59430617be88e0bb46b60504f054074",
    "test_2017_flickr.de": "a2c89666db00c495cd8513b9d708d5a3acc205d7de312ef2bf5fb7ebc1540aee",
    "test_2017_mscoco.en": "aab300bfb4427697987e02cd0aacd44bfe8aa50456231b6474c08038bbed2b58",
    "test_2017_mscoco.de": "799e4854c25d601cb6cb6be29eabe5667734c61ace2f495e03e429031a0bc338",
}
SOURCES = [
    WebSource("Multi30k", {f"{ADDRESS}/{name}.gz": sha256 for name, sha256 in FILES.items()})
]
PARTS = ("train", "validation", "test")
SETS = {"train": "train", "val": "validation", "test_2016_flickr": "2016",
        "test_2017_flickr": "2017", "test_2017_mscoco": "COCO"}  # fmt: skip
HEADLINE, LATER = "2016", ("2017", "COCO")  # the test set of the headline, and those beside it
EMPTY, COPY = "one side is empty", "the same pair as an earlier one"
ASKED = "its English is asked in a part that measures"


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the three parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "generated sample: sentences of a small grammar"
        raw = write_sample(workspace.sample).read_bytes()
        pairs = pd.read_json(io.BytesIO(raw), lines=True, dtype=False)
    else:
        source = fetch_first(SOURCES, workspace.raw)
        pairs = read_raw(workspace.raw)
    content = "\n".join(pairs[["id", "english", "german"]].agg("\t".join, axis=1))
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)
    ledger, counts = Ledger(len(pairs), "pairs"), count(pairs)
    parts = split(pairs, ledger)
    files = {
        name: (write_part(workspace, name, part), list(part.id)) for name, part in parts.items()
    }
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    told = ", ".join(f"{name} {len(part):,}" for name, part in parts.items())
    print(f"{len(pairs):,} pairs from the {source}: {told}")


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, set, english, german, and group, which pairs of the same English share."""
    path = holdout.open_part(workspace, part, reader)
    return pd.read_json(path, lines=True, dtype=False)


def inputs(pairs: pd.DataFrame) -> list[str]:
    """The English of each pair, without signs, in small letters."""
    return [normalise(text) for text in pairs.english]


def normalise(text: str) -> str:
    """By what two sentences count as the same: their words."""
    words = (word.strip("▁") for word in split_words(text.lower()))
    return " ".join(word for word in words if word.isalnum())


def read_raw(folder: Path) -> pd.DataFrame:
    """All pairs of all sets, in the order of the files."""
    tables = []
    for name, called in SETS.items():
        english, german = (read_lines(folder / f"{name}.{side}.gz") for side in ("en", "de"))
        ids = [f"{called}/{number}" for number in range(1, len(english) + 1)]
        sides = {"english": english, "german": german}
        tables.append(pd.DataFrame({"id": ids, "set": called, **sides}))
    return pd.concat(tables, ignore_index=True)


def read_lines(path: Path) -> list[str]:
    """Sentences of a packed file; a line ends with a line feed and nothing else."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    return [tidy(line) for line in text.removesuffix("\n").split("\n")]


def split(pairs: pd.DataFrame, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """The publisher's parts, without what is empty, twice in training, or asked in a later part.

    A sentence of the validation part that is asked in the test set is taken out, too.
    """
    # practice: split
    pairs = pairs[(pairs.english != "") & (pairs.german != "")]
    ledger.drop("reading", len(pairs), EMPTY)
    part = pairs["set"].where(pairs["set"].isin(PARTS), "test")
    twice = (part == "train") & pairs.assign(part=part).duplicated(["part", "english", "german"])
    pairs, part = pairs[~twice], part[~twice]
    ledger.drop("copies", len(pairs), COPY)
    english = pd.Series(inputs(pairs), index=pairs.index)
    measured = {"train": set(english[part != "train"]), "validation": set(english[part == "test"])}
    asked = pd.Series(False, index=pairs.index)
    for name, known in measured.items():
        asked |= (part == name) & english.isin(known)
    pairs, part = pairs[~asked], part[~asked]
    ledger.drop("kept apart", len(pairs), ASKED)
    pairs = pairs.assign(group=connect(list(english[pairs.index])))
    return {name: pairs[part == name].reset_index(drop=True) for name in PARTS}
    # practice: end


def count(pairs: pd.DataFrame) -> dict[str, Any]:
    """What the data sheet reports."""
    words = pairs.english.str.split().str.len()
    return {
        "pairs": len(pairs),
        **{
            f"pairs_{name}": int(many)
            for name, many in pairs["set"].value_counts(sort=False).items()
        },
        "words_a_sentence": round(float(np.mean(words)), 1),
        "longest_sentence": int(words.max()),
    }


def rare(texts: Sequence[str], known: Sequence[str], times: int) -> np.ndarray:
    """Which texts hold a word that `known` has less than `times` times, shape (n,)."""
    counts = pd.Series([word for text in known for word in normalise(text).split()]).value_counts()
    usual = set(counts.index[counts >= times])
    return np.array([not usual.issuperset(normalise(text).split()) for text in texts])


def write_part(workspace: Workspace, name: str, pairs: pd.DataFrame) -> Path:
    """Write one part as JSON lines."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.jsonl"
    pairs.to_json(path, orient="records", lines=True, force_ascii=False)
    return path
