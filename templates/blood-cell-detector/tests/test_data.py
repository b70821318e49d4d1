import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from project_package import data, fields
from project_package import pictures as pictures_of
from project_package.kit import holdout, sample
from project_package.kit.holdout import Ledger
from project_package.kit.workspace import PROJECT_ROOT, ManifestError, Workspace
from project_package.pictures import Pictures


def everything(workspace: Workspace) -> dict[str, Pictures]:
    return {name: pictures_of.read_part(workspace.processed / f"{name}.npz") for name in data.PARTS}


@pytest.fixture(scope="module")
def whole(prepared: Workspace) -> Pictures:
    return pictures_of.read_part(prepared.sample / sample.SAMPLE_FILE)


def field_of(ids: np.ndarray) -> np.ndarray:
    """What the sample's names say, and nobody reads."""
    return np.array([name.split("_")[1] for name in ids])


def test_no_field_is_on_both_sides_of_the_split(prepared: Workspace) -> None:
    train, test = everything(prepared).values()
    assert not set(field_of(train.ids)) & set(field_of(test.ids))
    assert not set(train.fields) & set(test.fields)


def test_windows_on_one_field_are_found_and_no_others(whole: Pictures, prepared) -> None:
    found = fields.find_fields(whole.pixels, prepared.config["fields"])
    told = field_of(whole.ids)
    assert ((found[:, None] == found) == (told[:, None] == told)).all()
    assert len(set(found)) == sample.FIELDS < len(whole)


def test_whatever_the_seed_a_field_stays_whole(whole: Pictures, prepared: Workspace) -> None:
    settings = prepared.config["data"]
    found = fields.find_fields(whole.pixels, prepared.config["fields"])
    pictures = Pictures(**{**vars(whole), "fields": found})
    drawn = [data.split(pictures, seed, settings) for seed in range(8)]
    for parts in drawn:
        assert not set(parts["train"].fields) & set(parts["test"].fields)
        assert len(parts["train"]) + len(parts["test"]) == len(whole)
        assert len(parts["test"]) == pytest.approx(settings["test_share"] * len(whole), abs=2.5)
    assert len({frozenset(parts["test"].ids) for parts in drawn}) == 8


def test_the_split_does_not_follow_the_publishers(whole: Pictures) -> None:
    parts = data.split(
        Pictures(**{**vars(whole), "fields": np.arange(len(whole))}), 1, {"test_share": 0.5}
    )
    assert {"train", "test"} == set(parts["train"].official) == set(parts["test"].official)


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=float).reshape(-1, 5)


def test_boxes_without_an_area_and_second_boxes_are_dropped_and_counted(whole: Pictures) -> None:
    cells = pictures_of.as_column(
        [
            boxes([0, 10, 10, 30, 30], [0, 11, 10, 31, 30], [1, 10, 10, 30, 30]),
            boxes([0, 5, 5, 5, 9]),
            boxes([0, 1, 1, 9, 9], [0, 20, 1, 29, 9], [2, 3, 4, 8, 4]),
        ]
    )
    ledger = Ledger(7, "boxes")
    tidied, counts = data.tidy(
        Pictures(**{**vars(whole.take(np.arange(3))), "cells": cells}), {"twice": 0.8}, ledger
    )
    assert counts == {"boxes": 4}
    assert [len(each) for each in tidied.cells] == [2, 2]
    assert tidied.cells[0].tolist() == [[0, 10, 10, 30, 30], [1, 10, 10, 30, 30]]
    assert [entry["dropped"] for entry in ledger.entries] == [2, 1, 0, 1]
    assert (ledger.rows, ledger.unit) == (2, "pictures")


def test_what_is_written_is_read_again_picture_by_picture(prepared: Workspace, tmp_path) -> None:
    workspace = Workspace(tmp_path)
    part = everything(prepared)["test"].take(np.array([5, 3, 8]))
    again = pictures_of.read_part(data.write_part(workspace, "some", part))
    assert again.pixels.dtype == np.uint8
    for name in ("pixels", "fields", "official", "ids"):
        assert np.array_equal(getattr(again, name), getattr(part, name)), name
    for one, other in zip(part.cells, again.cells, strict=True):
        assert np.array_equal(one, other)


def test_the_sample_is_drawn_and_says_so(prepared: Workspace, whole: Pictures) -> None:
    again = sample.draw(sample.SEED)
    assert np.array_equal(whole.pixels, again["pixels"])
    assert "nobody's blood" in holdout.read_manifest(prepared)["source"]
    other = sample.draw(sample.SEED + 1, fields=4, shared=1)
    assert not np.array_equal(other["pixels"][0], again["pixels"][0])
    assert sample.SAMPLE_FILE.startswith("generated")


def test_the_manifest_counts_what_the_publishers_split_leaks(prepared: Workspace) -> None:
    counts, parts = holdout.read_manifest(prepared)["counts"], everything(prepared).values()
    every = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("fields", "official")
    }
    known = every["fields"][every["official"] == "train"]
    tested = every["fields"][every["official"] == "test"]
    assert counts["official_test_seen_in_training"] == np.isin(tested, known).sum() > 0
    assert counts["official_test"] == len(tested)
    assert counts["fields"] == len(set(every["fields"]))


XML = b"""<annotation><size><width>640</width></size>
<object><name>WBC</name><bndbox><xmin>260</xmin><ymin>177</ymin><xmax>491</xmax><ymax>376</ymax></bndbox></object>
<object><name>Platelets</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>
</annotation>"""


def test_an_annotation_is_read_as_kinds_and_boxes() -> None:
    assert pictures_of.read_boxes(XML).tolist() == [[1, 260, 177, 491, 376], [2, 1, 2, 3, 4]]
    assert pictures_of.read_boxes(b"<annotation></annotation>").shape == (0, 5)


def test_a_picture_is_shrunk_by_means_over_what_each_pixel_covers() -> None:
    picture = np.zeros((4, 10, 3), np.uint8)
    picture[:, :5], picture[:2, :, 2] = 100, 50
    small = pictures_of.shrink(picture, {"width": 4, "height": 2})
    assert small[1, :, 0].tolist() == [100, 100, 0, 0]
    assert small[0, :, 2].tolist() == [50] * 4
    assert pictures_of.shrink(picture, {"width": 5, "height": 2})[0, :, 0].tolist() == [
        100,
        100,
        50,
        0,
        0,
    ]
    same = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    assert np.array_equal(pictures_of.shrink(same, {"width": 4, "height": 3}), same)


def test_other_bytes_than_the_published_ones_are_refused(tmp_path) -> None:
    folder = tmp_path / "JPEGImages"
    folder.mkdir()
    (folder / "one.jpg").write_bytes(b"JFIF")
    with pytest.raises(ManifestError, match="not the published pictures"):
        data.read_raw(tmp_path, {"width": 4, "height": 4})


def test_published_files_are_read_at_the_size_that_is_stored(tmp_path, monkeypatch) -> None:
    picture = np.full((48, 64, 3), 90, np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    contents = {
        "Annotations/one.xml": XML,
        "JPEGImages/one.jpg": file.getvalue(),
        "Main/test.txt": b"one\ntwo\n",
    }
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    digest = hashlib.sha256(b"".join(contents.values())).hexdigest()
    monkeypatch.setattr(data, "CONTENT_SHA256", digest)
    found = data.read_raw(tmp_path, {"width": 16, "height": 24})
    assert found.pixels.shape == (1, 24, 16, 3)
    assert found.cells[0].tolist() == [[1, 65, 88.5, 122.75, 188], [2, 0.25, 1, 0.75, 2]]
    assert (found.ids.tolist(), found.official.tolist()) == (["one"], ["test"])


def test_no_picture_is_where_git_would_take_it() -> None:
    ignored = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/raw/", "data/processed/", "data/feedback.jsonl"} <= set(ignored)
    sample_ignored = (PROJECT_ROOT / "data/sample/.gitignore").read_text(encoding="utf-8")
    assert sample.SAMPLE_FILE in sample_ignored.splitlines()
