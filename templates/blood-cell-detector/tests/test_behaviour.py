"""What somebody who counts cells expects of any detector (Ribeiro et al., CheckList, 2020)."""

from dataclasses import replace

import numpy as np
import pytest

from project_package import boxes, data
from project_package.boxes import BOX, KIND, SCORE
from project_package.kit import sample
from project_package.kit.workspace import ProjectError, Workspace
from project_package.pictures import KINDS, Pictures
from project_package.predict import Detector, read_picture


@pytest.fixture(scope="module")
def detector(trained: Workspace) -> Detector:
    return Detector.load(trained)


@pytest.fixture(scope="module")
def known(trained: Workspace) -> Pictures:
    return data.load(trained, "train", reader="train")


def found_in(detector: Detector, pixels: np.ndarray) -> np.ndarray:
    return detector.counted(detector.detect(np.ascontiguousarray(pixels)))


def share_found_again(detector: Detector, pictures, turn) -> float:
    """Of what is counted in each picture, how much is counted in it turned, at the same place."""
    again = many = 0
    for pixels in pictures:
        before, after = found_in(detector, pixels), found_in(detector, turn(pixels))
        back = after.copy()
        back[:, [1, 3]] = pixels.shape[1] - after[:, [3, 1]]
        again += int((boxes.match(before, back[:, :SCORE], 0.5) >= 0).sum())
        many += len(before)
    return again / many


def test_it_finds_most_of_what_it_learned_from(detector: Detector, known: Pictures) -> None:
    hits = [
        (boxes.match(found_in(detector, pixels), cells, 0.5) >= 0).sum()
        for pixels, cells in zip(known.pixels, known.cells, strict=True)
    ]
    assert sum(hits) / sum(map(len, known.cells)) > 0.6


def test_a_mirrored_picture_has_mirrored_boxes(detector: Detector, known: Pictures) -> None:
    found = share_found_again(detector, known.pixels[:20], lambda pixels: pixels[:, ::-1])
    assert found > 0.75


def test_an_empty_ground_has_no_cells(detector: Detector) -> None:
    ground = np.full((sample.HEIGHT, sample.WIDTH, 3), 205, np.uint8)
    assert len(found_in(detector, ground)) <= 1


def test_every_box_lies_in_the_picture_and_has_an_area(detector: Detector, known: Pictures) -> None:
    for pixels in known.pixels[:20]:
        found = detector.detect(pixels)
        height, width = pixels.shape[:2]
        assert (found[:, BOX] >= 0).all()
        assert (found[:, [3, 4]] <= [width, height]).all()
        assert (boxes.areas(found[:, BOX]) > 0).all()
        assert (found[:, SCORE] > detector.detection["least"]).all()


def test_the_surest_come_first_and_none_is_there_twice(detector: Detector, known: Pictures) -> None:
    for pixels in known.pixels[:20]:
        found = detector.detect(pixels)
        assert (np.diff(found[:, SCORE]) <= 0).all()
        shared = boxes.overlaps(found[:, BOX], found[:, BOX])
        shared[found[:, None, KIND] != found[None, :, KIND]] = 0
        np.fill_diagonal(shared, 0)
        assert (shared <= detector.detection["overlap"]).all()


def test_of_each_kind_there_are_at_most_so_many(detector: Detector, known: Pictures) -> None:
    few = replace(detector, detection={**detector.detection, "most": [3, 1, 2]})
    for pixels in known.pixels[:10]:
        found, every = few.detect(pixels), detector.detect(pixels)
        for kind, most in enumerate((3, 1, 2)):
            own = every[every[:, KIND] == kind]
            assert np.array_equal(found[found[:, KIND] == kind], own[:most])


def test_the_thresholds_decide_what_is_counted(detector: Detector, known: Pictures) -> None:
    answer = detector.answer(known.pixels[0])
    for kind, name in enumerate(KINDS):
        scores = [each.score for each in answer.found if each.kind == name]
        assert answer.counts[name] == sum(score >= detector.thresholds[kind] for score in scores)
    strict = replace(detector, thresholds=[1.01] * len(KINDS)).answer(known.pixels[0])
    assert sum(strict.counts.values()) == 0
    assert strict.found == answer.found


def test_a_little_darker_or_lighter_changes_little(detector: Detector, known: Pictures) -> None:
    pairs = []
    for pixels in known.pixels[:20]:
        other = np.clip(pixels.astype(int) - 5, 0, 255).astype(np.uint8)
        pairs.append((len(found_in(detector, pixels)), len(found_in(detector, other))))
    before, after = np.array(pairs).sum(axis=0)
    assert after == pytest.approx(before, rel=0.25)


def test_a_picture_of_another_size_is_answered_too(detector: Detector, known: Pictures) -> None:
    cut = np.ascontiguousarray(known.pixels[0][:53, :71])
    found = detector.detect(cut)
    assert (found[:, [3, 4]] <= [71, 53]).all()


def test_a_file_that_is_no_picture_is_refused(tmp_path) -> None:
    path = tmp_path / "cells.jpg"
    path.write_text("no picture", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"cells\.jpg"):
        read_picture(path, {"width": 8, "height": 8})
    with pytest.raises(ProjectError, match=r"nothing\.jpg"):
        read_picture(tmp_path / "nothing.jpg", {"width": 8, "height": 8})
