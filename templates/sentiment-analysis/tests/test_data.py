import re

import numpy as np
import pandas as pd
import pytest

from project_package import data
from project_package.kit import holdout
from project_package.kit.workspace import Workspace

from conftest import new_workspace


def rows(workspace: Workspace) -> pd.DataFrame:
    return pd.concat(
        [
            pd.read_json(
                workspace.processed / f"{name}.jsonl", lines=True, dtype={"text": str}
            ).assign(part=name)
            for name in data.PARTS
        ],
        ignore_index=True,
    )


def test_means_and_ratings_are_joined_by_number() -> None:
    truth = b"1_2\t-0.5\tNot \xe2\x80\x9cgood\xe2\x80\x9d.\r\n1_1\t2\tFine\r\n"
    ratings = b"\xef\xbb\xbf1_1\t2\t0\t[2, 2]\r\n1_2\t-0.5\t0.5\t[-1, 0]\r\n"
    table = data.read_kind("amazon", truth, ratings)
    assert table.id.tolist() == ["amazon/1_2", "amazon/1_1"]
    assert table.text[0] == "Not “good”."
    assert table.rating.tolist() == [-0.5, 2.0]
    assert table.ratings.tolist() == [[-1, 0], [2, 2]]


def test_a_mean_without_ratings_is_refused() -> None:
    with pytest.raises(ValueError, match="amazon 2 has a mean but no ratings"):
        data.read_kind("amazon", b"2\t1\tx\n", b"1\t1\t0\t[1]\n")


def test_the_table_has_its_columns_and_all_kinds(prepared: Workspace) -> None:
    snippets = rows(prepared)
    assert set(snippets.columns) >= {"id", "kind", "text", "rating", "ratings", "group", "fold"}
    assert snippets.id.is_unique
    assert not snippets[["text", "rating"]].isna().any().any()
    assert snippets.rating.between(-4, 4).all()
    assert snippets.ratings.map(len).min() >= 15
    assert snippets.ratings.explode().astype(int).isin(range(-4, 5)).all()
    for kind in data.KINDS:
        share = (snippets.part[snippets.kind == kind] == "test").mean()
        assert 0.1 < share < 0.35, kind


def test_no_review_and_no_copy_crosses_the_split(prepared: Workspace) -> None:
    snippets = rows(prepared)
    words = snippets.text.map(data.normalise).replace("", None)
    reviews = snippets.id.str.extract(r"^(.*)_")[0]
    for name, keys in (("words", words), ("review", reviews)):
        assert keys.value_counts().max() > 1, "the sample should hold some that belong together"
        for column in ("part", "fold"):
            assert snippets.groupby(keys)[column].nunique().max() == 1, name


def test_case_and_punctuation_do_not_make_another_text() -> None:
    snippets = pd.DataFrame(
        {
            "id": ["tweets/1", "tweets/2", "tweets/3", "nyt/1_1", "nyt/1_2", "amazon/1_1"],
            "text": ["DAMN!!!", "damn.", "damn it", "A", "B", "C"],
        }
    )
    groups = data.find_relatives(snippets)
    assert groups[0] == groups[1] != groups[2]
    assert groups[3] == groups[4] != groups[5]


def test_texts_without_a_letter_are_not_one_text() -> None:
    snippets = pd.DataFrame({"id": ["tweets/1", "tweets/2"], "text": ["!", "..."]})
    assert len(set(data.find_relatives(snippets))) == 2


def test_the_manifest_covers_every_row_of_the_sample(prepared: Workspace) -> None:
    snippets = rows(prepared)
    described = holdout.read_manifest(prepared)
    assert described["rows"] == len(snippets)
    assert described["parts"]["test"]["ids"] == snippets.id[snippets.part == "test"].tolist()


def test_another_seed_splits_otherwise(prepared: Workspace, tmp_path) -> None:
    other = new_workspace(tmp_path / "other")
    config = (other.root / "config.toml").read_text(encoding="utf-8")
    changed = re.sub(r"^seed = \d+", f"seed = {prepared.seed + 1}", config, flags=re.MULTILINE)
    (other.root / "config.toml").write_text(changed, "utf-8")
    data.run(other, sample=True)
    ours, theirs = (
        np.array(holdout.read_manifest(workspace)["parts"]["test"]["ids"])
        for workspace in (prepared, other)
    )
    assert set(ours) != set(theirs)
