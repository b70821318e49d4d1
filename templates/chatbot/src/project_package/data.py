"""The queries: download, check, keep apart what is the same, seal the publisher's split.

CLINC150 holds short queries to an assistant: 150 intents of ten domains, and queries that are out
of scope, which belong to none of them. The publisher's test set stays whole, so that results can
be compared with published ones; a query whose words stand in a later part leaves the earlier one.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger, connect
from .kit.sources import WebSource, fetch_first
from .kit.workspace import Workspace

QUERIES, DOMAINS = "data_full.json", "domains.json"
COMMIT = "828f8093932c8fe6ca7936c3d2e52903b1c523de"
PUBLISHER = f"https://raw.githubusercontent.com/clinc/oos-eval/{COMMIT}/data/"
SOURCES = [
    WebSource(
        "CLINC150, authors' repository",
        {
            PUBLISHER + QUERIES: "36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0",
            PUBLISHER + DOMAINS: "b947b579d3b8e74b06f93b01083d8efaff2888b43a3e362533bd88a6e1211b3a",
        },
    )
]
# The queries and then the domains, as the publisher's files have them.
CONTENT_SHA256 = "e103421615204b057a408caa1e9ec18e50e89670f14c96f3f2e3b36b17550867"

# Our parts, and what the publisher calls their queries in scope and out of scope.
PARTS = {"train": ("train", "oos_train"), "validation": ("val", "oos_val"),
         "test": ("test", "oos_test")}  # fmt: skip
OUT, NOWHERE = "out of scope", -1  # the name and the number of what is no intent
LATER = "earlier queries whose words stand in a later part"


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the three parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source, folder = "committed sample", workspace.sample
    else:
        source, folder = fetch_first(SOURCES, workspace.raw), workspace.raw
    files = [(folder / name).read_bytes() for name in (QUERIES, DOMAINS)]
    sha256 = hashlib.sha256(b"".join(files)).hexdigest()
    if not sample and sha256 != CONTENT_SHA256:
        print(f"note: the queries hash to {sha256[:12]}, not to the {CONTENT_SHA256[:12]} known")
    holdout.require_same_data(workspace, sha256, sample)

    queries = read_queries(*map(json.loads, files))
    ledger, counts = Ledger(len(queries)), count(queries)
    queries = keep_apart(queries)
    ledger.drop("no words in two parts", len(queries), LATER)
    parts = {name: queries[queries.part == name] for name in PARTS}
    sealed = {
        name: (write_part(workspace, name, part), list(part.id)) for name, part in parts.items()
    }
    holdout.seal(
        workspace, sealed, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    print(f"{len(queries):,} queries from the {source}: {counts}")


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, text, intent (OUT where there is none), label (its number), domain, group."""
    path = holdout.open_part(workspace, part, reader)
    return pd.read_json(path, lines=True, dtype={"id": str, "text": str})


def inputs(queries: pd.DataFrame) -> list[str]:
    """The words of each query."""
    return [normalise(text) for text in queries.text]


def read_queries(
    published: Mapping[str, Sequence[Sequence[str]]], domains: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """One row a query, with its part; intents are numbered in the order of their names."""
    of_intent = {intent: domain for domain, intents in domains.items() for intent in intents}
    number = {intent: place for place, intent in enumerate(sorted(of_intent))}
    rows: list[dict[str, Any]] = []
    for part, names in PARTS.items():
        for name in names:
            for row, (text, intent) in enumerate(published[name]):
                known = intent in of_intent
                rows.append(
                    {
                        "id": f"{name}-{row:05}",
                        "part": part,
                        "text": text,
                        "intent": intent if known else OUT,
                        "label": number.get(intent, NOWHERE),
                        "domain": of_intent.get(intent, OUT),
                    }
                )
    return pd.DataFrame(rows).assign(group=lambda made: connect(inputs(made)))


def normalise(text: str) -> str:
    """Lower case, letters and digits only: "What's up?" and "what s up" are the same words."""
    # practice: normalise
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
    # practice: end


def keep_apart(queries: pd.DataFrame) -> pd.DataFrame:
    """Without the queries of an earlier part whose words stand in a later one, test set last."""
    # practice: keep_apart
    order = queries.part.map(list(PARTS).index)
    last = order.groupby(queries.group).transform("max")
    return queries[order == last]
    # practice: end


def count(queries: pd.DataFrame) -> dict[str, int]:
    """What the data sheet reports, of the queries as they were published."""
    parts_of_words = queries.groupby("group").part.nunique()
    intents_of_words = queries.groupby("group").intent.nunique()
    return {
        "intents": int(queries.intent[queries.label >= 0].nunique()),
        "domains": int(queries.domain[queries.label >= 0].nunique()),
        "in scope": int((queries.label >= 0).sum()),
        "out of scope": int((queries.label < 0).sum()),
        "the same words again": int(queries.group.duplicated().sum()),
        "words that stand in two parts": int((parts_of_words > 1).sum()),
        "words with two intents": int((intents_of_words > 1).sum()),
    }


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as JSON lines."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.jsonl"
    rows = part.drop(columns="part", errors="ignore")
    rows.to_json(path, orient="records", lines=True, force_ascii=False)
    return path
