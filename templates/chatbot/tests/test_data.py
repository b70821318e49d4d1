import json
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from project_package import data, train
from project_package.data import NOWHERE, OUT
from project_package.kit.workspace import PROJECT_ROOT, Workspace


def rows(workspace: Workspace) -> pd.DataFrame:
    parts = [
        pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype={"id": str}).assign(
            part=name
        )
        for name in data.PARTS
    ]
    return pd.concat(parts, ignore_index=True)


def words_of(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def test_no_words_stand_in_two_parts(prepared: Workspace) -> None:
    """Asked of the sealed parts by other means; in the sample some did before."""
    queries = rows(prepared)
    spread = queries.assign(words=queries.text.map(words_of)).groupby("words").part.nunique()
    assert spread.max() == 1
    counts = json.loads(prepared.manifest.read_text(encoding="utf-8"))["counts"]
    assert counts["words that stand in two parts"] > 0, "the sample should hold some"


def test_the_publishers_test_queries_are_all_there(prepared: Workspace) -> None:
    raw = json.loads((prepared.sample / data.QUERIES).read_text(encoding="utf-8"))
    test = rows(prepared).query("part == 'test'")
    assert len(test) == len(raw["test"]) + len(raw["oos_test"])
    assert list(test.text) == [text for name in ("test", "oos_test") for text, _ in raw[name]]


def test_a_row_is_known_by_the_publishers_part_and_place(prepared: Workspace) -> None:
    raw = json.loads((prepared.sample / data.QUERIES).read_text(encoding="utf-8"))
    queries = rows(prepared)
    assert queries.id.is_unique
    for row in queries.itertuples():
        source, place = row.id.rsplit("-", 1)
        text, intent = raw[source][int(place)]
        assert (row.text, row.intent) == (text, OUT if intent == "oos" else intent)
        assert source in data.PARTS[row.part]


def test_every_part_has_every_intent_and_what_is_out_of_scope(prepared: Workspace) -> None:
    queries = rows(prepared)
    labels = queries.groupby("part").label.unique().map(set)
    assert len(labels) == 3
    assert labels["train"] == labels["validation"] == labels["test"]
    assert NOWHERE in labels["train"]
    names = queries.drop_duplicates("label").set_index("label").intent.drop(NOWHERE)
    assert list(names.sort_index()) == sorted(names), "numbered in the order of the names"
    assert list(names.sort_index().index) == list(range(len(names)))


def test_a_label_and_a_domain_follow_from_the_intent(prepared: Workspace) -> None:
    queries = rows(prepared)
    assert (queries.groupby("intent").label.nunique() == 1).all()
    assert ((queries.label == NOWHERE) == (queries.intent == OUT)).all()
    domains = json.loads((prepared.sample / data.DOMAINS).read_text(encoding="utf-8"))
    of_intent = {name: domain for domain, names in domains.items() for name in names}
    assert list(queries.domain) == [of_intent.get(name, OUT) for name in queries.intent]


def test_the_groups_are_the_words(prepared: Workspace) -> None:
    queries = rows(prepared)
    words = queries.text.map(words_of)
    assert queries.group.nunique() == words.nunique()
    assert (queries.groupby(words).group.nunique() == 1).all()


def test_no_words_stand_on_both_sides_of_a_fold(prepared: Workspace) -> None:
    queries = data.load(prepared, "train", reader="train")
    queries = pd.concat([queries, queries.head(50)], ignore_index=True)  # told twice
    folds = train.grouped_folds(queries, 3, seed=0)
    for fit, unseen in folds:
        assert set(queries.group.iloc[fit]).isdisjoint(queries.group.iloc[unseen])
    assert sorted(np.concatenate([unseen for _, unseen in folds])) == list(range(len(queries)))


def test_every_fold_holds_every_intent(prepared: Workspace) -> None:
    queries = data.load(prepared, "train", reader="train")
    for fit, unseen in train.grouped_folds(queries, 3, seed=0):
        assert set(queries.label.iloc[fit]) == set(queries.label.iloc[unseen])


@pytest.mark.parametrize("name", ["data_full", "domains"])
def test_the_sample_is_what_its_generator_makes(name: str) -> None:
    """None of its rows is the publisher's: they come from a seed."""
    folder = PROJECT_ROOT / "data" / "sample"
    made = runpy.run_path(str(folder / "generate.py"))
    content = dict(zip(("data_full", "domains"), made["generate"](made["SEED"]), strict=True))
    kept = json.loads(Path(folder / f"{name}.json").read_text(encoding="utf-8"))
    assert kept == content[name]
