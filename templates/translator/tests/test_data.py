import gzip
from pathlib import Path

import pandas as pd
import pytest

from project_package import data
from project_package.kit.holdout import Ledger
from project_package.kit.sample import ASKED, SIZES, TWICE, draw
from project_package.kit.workspace import Workspace, read_json


def parts(workspace: Workspace) -> dict[str, pd.DataFrame]:
    return {
        name: pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype=False)
        for name in data.PARTS
    }


def table(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Pairs as (set, English, German), numbered by their place."""
    found = pd.DataFrame(rows, columns=["set", "english", "german"])
    return found.assign(id=[str(number) for number in range(len(rows))])


def test_every_set_stands_in_its_part(prepared: Workspace) -> None:
    found = parts(prepared)
    assert set(found["train"]["set"]) == {"train"}
    assert set(found["validation"]["set"]) == {"validation"}
    assert list(found["test"]["set"].unique()) == ["2016", "2017", "COCO"]
    assert found["test"]["set"].value_counts().to_dict() == {
        name: SIZES[name] for name in ("2016", "2017", "COCO")
    }


def test_no_english_crosses_from_a_part_that_learns_to_one_that_measures(
    prepared: Workspace,
) -> None:
    found = {name: set(data.inputs(part)) for name, part in parts(prepared).items()}
    assert not found["train"] & found["validation"]
    assert not found["train"] & found["test"]
    assert not found["validation"] & found["test"]


def test_what_is_the_same_but_for_letters_and_signs_is_asked_in_the_test_set() -> None:
    pairs = table(
        ("train", "A dog  runs!", "Ein Hund läuft!"),
        ("train", "A cat runs.", "Eine Katze läuft."),
        ("val", "", ""),
        ("validation", "A Dog runs", "Der Hund läuft"),
        ("validation", "Two cats.", "Zwei Katzen."),
        ("2016", "a dog runs.", "Ein Hund rennt."),
    )
    ledger = Ledger(len(pairs))
    found = data.split(pairs[pairs["set"] != "val"], Ledger(5))
    assert list(found["train"].english) == ["A cat runs."]
    assert list(found["validation"].english) == ["Two cats."]
    assert list(found["test"].id) == ["5"]
    assert ledger.rows == 6


def test_pairs_that_are_lost_are_counted_by_reason() -> None:
    pairs = table(
        ("train", "One", "Eins"),
        ("train", "One", "Eins"),
        ("train", "One", "Ein anderer"),
        ("train", "", "Nichts"),
        ("train", "Two", "Zwei"),
        ("2017", "Two", "Zwei"),
        ("2017", "Two", "Zwei"),
    )
    ledger = Ledger(len(pairs))
    found = data.split(pairs, ledger)
    dropped = [(entry["reason"], entry["dropped"]) for entry in ledger.entries]
    assert dropped == [(data.EMPTY, 1), (data.COPY, 1), (data.ASKED, 1)]
    assert list(found["train"].german) == ["Eins", "Ein anderer"]
    assert len(found["test"]) == 2, "a test set stays as it was published"


def test_pairs_of_the_same_english_are_one_group(prepared: Workspace) -> None:
    test = parts(prepared)["test"]
    assert test.groupby("group").english.nunique().max() == 1
    same = data.split(table(("2016", "Two dogs.", "a"), ("2016", "two dogs", "b")), Ledger(2))
    assert same["test"].group.nunique() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("A man, 25, jumps.", "a man 25 jumps"), ("  Ein\tHÜND! ", "ein hünd"), ("?!", "")],
)
def test_sentences_are_the_same_by_their_words(text: str, words: str) -> None:
    assert data.normalise(text) == words


def test_a_word_is_rare_by_how_often_training_has_it() -> None:
    known = ["a dog", "a dog runs", "A cat"]
    found = data.rare(["a dog", "A DOG runs", "a bird", ""], known, 2)
    assert found.tolist() == [False, True, True, False]
    assert data.rare(["a bird", "runs"], known, 1).tolist() == [True, False]


def test_lines_of_both_files_stay_beside_each_other(tmp_path: Path) -> None:
    for name in data.SETS:
        for side, word in (("en", "dog"), ("de", "Hund")):
            lines = "".join(f"{name} {word} {number}\n" for number in range(3))
            (tmp_path / f"{name}.{side}.gz").write_bytes(gzip.compress(lines.encode()))
    pairs = data.read_raw(tmp_path)
    assert list(pairs.english.str.replace("dog", "Hund")) == list(pairs.german)
    assert list(pairs.id[:4]) == ["train/1", "train/2", "train/3", "validation/1"]
    assert list(pairs["set"].unique()) == ["train", "validation", "2016", "2017", "COCO"]


def test_a_line_ends_with_a_line_feed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "one.gz"
    path.write_bytes(gzip.compress("Ein\u2028Hund \r\nzwei\x85drei\n\nvier\n".encode()))
    assert data.read_lines(path) == ["Ein Hund", "zwei drei", "", "vier"]


def test_the_sample_is_generated_and_says_so(prepared: Workspace) -> None:
    manifest = read_json(prepared.manifest, made_by="data")
    assert manifest["sample"] is True
    assert "generated" in manifest["source"]
    assert draw(1) == draw(1) != draw(2)
    assert manifest["rows"] == sum(SIZES.values())
    dropped = {entry["reason"]: entry["dropped"] for entry in manifest["ledger"]}
    assert dropped[data.COPY] == TWICE
    assert dropped[data.ASKED] == ASKED


def test_the_two_sides_of_the_sample_agree() -> None:
    for pair in draw(3)[:300]:
        english, german = pair["english"].lower(), pair["german"].lower()
        assert (" not " in english) == (" nicht" in german), pair
        if english.startswith(("two", "three")):
            assert german.startswith(("zwei", "drei")), pair
        assert ("in the snow" in english) == ("im schnee" in german), pair
