"""What a user expects of any recogniser of clothes, whatever its score."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from project_package import data, disturb
from project_package.data import Images
from project_package.evaluate import as_photograph
from project_package.kit.workspace import Workspace
from project_package.predict import STRIDE, WINDOW, ImageRecogniser

KIND = {name: index for index, name in enumerate(data.CLASSES)}


@pytest.fixture(scope="module")
def recogniser(trained: Workspace) -> ImageRecogniser:
    return ImageRecogniser.load(trained)


@pytest.fixture(scope="module")
def unseen(trained: Workspace) -> Images:
    return data.load(trained, "validation", reader="train")


def test_the_mirror_image_gets_the_same_answer(recogniser, unseen) -> None:
    straight = recogniser.probabilities(unseen.pixels)
    mirrored = recogniser.probabilities(np.ascontiguousarray(unseen.pixels[:, :, ::-1]))
    assert np.abs(straight - mirrored).max() < 1e-3


def test_one_pixel_to_the_side_turns_few_answers(recogniser, unseen) -> None:
    moved = disturb.move(unseen.pixels, 1, np.random.default_rng(0))
    same = recogniser.probabilities(moved).argmax(1) == recogniser.probabilities(
        unseen.pixels
    ).argmax(1)
    assert same.mean() > 0.7


def test_heavy_noise_costs_accuracy(recogniser, unseen) -> None:
    noisy = disturb.add_noise(unseen.pixels, 120, np.random.default_rng(0))
    clean, dirty = (
        np.mean(recogniser.probabilities(pixels).argmax(1) == unseen.labels)
        for pixels in (unseen.pixels, noisy)
    )
    assert dirty < clean


def test_disturbances_keep_shape_and_kind_and_depend_on_the_seed_alone(unseen) -> None:
    for kind, change in disturb.DISTURBANCES.items():
        for level in disturb.LEVELS[kind]:
            once, twice = (change(unseen.pixels, level, np.random.default_rng(1)) for _ in range(2))
            assert once.shape == unseen.pixels.shape, kind
            assert once.dtype == np.uint8, kind
            assert np.array_equal(once, twice), kind


def test_shoes_are_not_taken_for_what_is_worn_above_the_waist(recogniser, unseen) -> None:
    shoes = np.isin(unseen.labels, [KIND["sandal"], KIND["sneaker"], KIND["ankle boot"]])
    tops = [KIND[name] for name in ("T-shirt", "pullover", "coat", "shirt", "dress")]
    called = recogniser.probabilities(unseen.pixels[shoes]).argmax(1)
    assert np.isin(called, tops).mean() < 0.2


def test_covering_the_garment_matters_and_covering_the_ground_does_not(recogniser, unseen) -> None:
    for pixels in unseen.pixels[:10]:
        fall = recogniser.occlusion(pixels)
        assert fall.shape == (8, 8)
        for (row, column), effect in np.ndenumerate(fall):
            top, left = row * STRIDE, column * STRIDE
            if pixels[top : top + WINDOW, left : left + WINDOW].max() == 0:
                assert abs(effect) < 1e-6
    falls = [np.abs(recogniser.occlusion(pixels)).max() for pixels in unseen.pixels[:10]]
    assert max(falls) > 0.05


def test_a_photograph_of_an_image_is_named_as_the_image(recogniser, unseen) -> None:
    random = np.random.default_rng(0)
    photographed = [recogniser.judge(as_photograph(image, random)).label for image in unseen.pixels]
    direct = [
        recogniser.classes[best] for best in recogniser.probabilities(unseen.pixels).argmax(1)
    ]
    assert np.mean(np.array(photographed) == np.array(direct)) > 0.6


@pytest.mark.parametrize("size", [(1, 300), (300, 1), (2, 2), (3000, 40)])
def test_odd_pictures_get_probabilities(recogniser, size) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (size[1], size[0]), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    verdict = recogniser.judge(file.getvalue())
    assert sum(verdict.probabilities.values()) == pytest.approx(1, abs=0.01)
    assert verdict.sure is (verdict.probability >= verdict.threshold)
    assert dataclasses.asdict(verdict)["label"] in data.CLASSES
