"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest
import torch

from project_package import (
    boxes,
    data,
    evaluate,
    fields,
    fit,
    model,
    predict,
    simple,
    train,
    tuning,
    variation,
    watch,
)
from project_package.kit.statistics import MEASURES, interpolated_precision
from project_package.studies import counts, kinds, labels

import independent


def rows(*found: list[float]) -> np.ndarray:
    return np.array(found, dtype=float)


def test_overlap_is_what_is_shared_over_what_is_covered() -> None:
    some = rows([0, 0, 10, 10], [0, 0, 4, 5])
    others = rows([5, 0, 15, 10], [20, 20, 30, 30], [0, 0, 10, 10])
    found = boxes.overlaps(some, others)
    assert found == pytest.approx(np.array([[1 / 3, 0, 1], [0, 0, 0.2]]))
    touching = boxes.overlaps(rows([0, 0, 10, 10]), rows([10, 0, 20, 10], [3, 3, 3, 3]))
    assert touching.tolist() == [[0, 0]]


def test_of_two_that_overlap_the_surer_one_of_a_kind_stays() -> None:
    found = rows(
        [0, 0, 0, 10, 10, 0.6],
        [0, 0, 1, 10, 11, 0.9],
        [1, 0, 0, 10, 10, 0.5],
        [0, 0, 6, 10, 16, 0.3],
    )
    assert boxes.suppress(found, 0.5)[:, 5].tolist() == [0.9, 0.5, 0.3]
    assert boxes.suppress(found, 0.2)[:, 5].tolist() == [0.9, 0.5]
    assert boxes.suppress(found, 0.95)[:, 5].tolist() == [0.9, 0.6, 0.5, 0.3]
    assert boxes.suppress(np.empty((0, 6)), 0.5).shape == (0, 6)


def test_what_was_suppressed_suppresses_nothing() -> None:
    chain = rows([0, 0, 0, 10, 10, 0.9], [0, 4, 0, 14, 10, 0.8], [0, 8, 0, 18, 10, 0.7])
    assert boxes.suppress(chain, 0.4)[:, 5].tolist() == [0.9, 0.7]


def test_each_cell_is_found_once_by_the_surest_of_its_kind() -> None:
    cells = rows([0, 0, 0, 10, 10], [0, 20, 0, 30, 10], [1, 50, 0, 60, 10])
    found = rows(
        [0, 1, 0, 11, 10, 0.5],
        [0, 0, 0, 10, 10, 0.9],
        [0, 50, 0, 60, 10, 0.8],
        [1, 50, 1, 60, 11, 0.2],
        [0, 26, 0, 36, 10, 0.7],
    )
    assert boxes.match(found, cells, 0.5).tolist() == [-1, 0, -1, 2, -1]
    assert boxes.match(found, cells, 0.2).tolist() == [-1, 0, -1, 2, 1]
    assert boxes.match(found, np.empty((0, 5)), 0.5).tolist() == [-1] * 5
    assert boxes.match(np.empty((0, 6)), cells, 0.5).shape == (0,)


def test_the_second_takes_the_second_best_cell() -> None:
    cells = rows([0, 0, 0, 10, 10], [0, 2, 0, 12, 10])
    found = rows([0, 1, 0, 11, 10, 0.8], [0, 0, 0, 10, 10, 0.9])
    assert boxes.match(found, cells, 0.5).tolist() == [1, 0]


def test_an_overlap_of_one_half_is_enough() -> None:
    assert boxes.match(rows([0, 0, 0, 10, 10, 1]), rows([0, 0, 0, 10, 5]), 0.5).tolist() == [0]


def test_precision_is_the_best_from_each_recall_on() -> None:
    scores, hits = np.array([0.9, 0.8, 0.7]), np.array([True, False, True])
    assert interpolated_precision(scores, hits, 2) == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert interpolated_precision(scores, hits, 4) == pytest.approx((26 + 25 * 2 / 3) / 101)
    assert interpolated_precision(scores[:0], hits[:0], 3) == 0
    assert np.isnan(interpolated_precision(scores, hits, 0))


def test_places_hold_scores_with_a_minus_where_no_cell_was_found() -> None:
    cells = [rows([0, 0, 0, 10, 10], [1, 30, 0, 40, 10]), rows([0, 0, 0, 10, 10])]
    found = [
        rows([0, 50, 0, 60, 10, 0.3], [0, 0, 0, 10, 10, 0.9], [1, 0, 0, 9, 9, 0.4]),
        np.empty((0, 6)),
    ]
    said = boxes.as_answers(found, cells, [3, 2], 0.5)
    assert said.tolist() == [0.9, -0.3, 0, -0.4, 0, 0, 0, 0, 0, 0]
    assert boxes.as_truths(cells, [3, 2]).tolist() == [1, 0, 0, 1, 0, 1, 0, 0, 0, 0]
    few = boxes.as_answers(found, cells, [1, 1], 0.5)
    assert few.tolist() == [0.9, -0.4, 0, 0]
    with pytest.raises(ValueError, match="2 cells of kind 0"):
        boxes.as_truths([rows([0, 0, 0, 1, 1], [0, 2, 2, 3, 3])], [1, 1])


@pytest.mark.parametrize("seed", range(4))
def test_precision_is_that_of_the_reference_program(seed: int) -> None:
    """Random boxes, crowded: matched and ranked again by pycocotools."""
    random, cells, found = np.random.default_rng(seed), [], []
    for _ in range(6):
        corners = random.uniform(0, 60, (12, 2))
        known = np.column_stack(
            [random.integers(0, 3, 12), corners, corners + random.uniform(8, 25, (12, 2))]
        )
        said = np.concatenate([known, known[::2]])
        said[:, 1:] += random.normal(0, 2, (18, 4))
        said[:, 3:] = np.maximum(said[:, 3:], said[:, 1:3] + 1)
        cells.append(known)
        found.append(np.column_stack([said, random.permutation(18) / 20 + 0.01]))
    expected = independent.precisions(found, cells)
    for number, overlap in enumerate(kinds.STRICT):
        own = [boxes.precision_of_kind(found, cells, kind, overlap) for kind in range(3)]
        assert own == pytest.approx(expected[number], abs=1e-9)
    most = [30, 30, 30]
    said = boxes.as_answers(found, cells, most, 0.5)
    truth = np.column_stack([boxes.as_truths(cells, most), np.tile(np.repeat([0, 1, 2], 30), 6)])
    assert MEASURES["map_50"](truth, said) == pytest.approx(expected[0].mean())
    assert said == pytest.approx(independent.as_column(found, cells, most))


def test_a_shifted_window_on_one_ground_is_found() -> None:
    ground = np.random.default_rng(0).normal(0, 1, (80, 110))
    window = [ground[y : y + 48, x : x + 64] for y, x in ((0, 0), (20, 30), (31, 46))]
    other = np.random.default_rng(1).normal(0, 1, (48, 64))
    grey = np.stack([*window, other])
    grey -= grey.mean(axis=(1, 2), keepdims=True)
    found = fields.resemblance(grey, 0.2)
    assert found[0, 1] == pytest.approx(1, abs=0.01)
    assert found[1, 2] == pytest.approx(1, abs=0.01)
    assert found[0, 2] < 0.5, "they share less than a fifth"
    assert found[:3, 3].max() < 0.5
    assert np.array_equal(found, found.T)
    assert (np.diag(found) == 0).all()


def test_brightness_does_not_hide_that_it_is_one_field() -> None:
    """Not that of one picture, nor that they share the light end of one and the dark of another."""
    ground = np.random.default_rng(0).normal(0, 1, (48, 104)) + np.linspace(-8, 8, 104)
    grey = np.stack([ground[:, :64], 40 + 0.5 * ground[:, 40:]])
    found = fields.resemblance(grey - grey.mean(axis=(1, 2), keepdims=True), 0.3)
    assert found[0, 1] == pytest.approx(1, abs=0.001)


def test_fields_hang_together_by_pairs() -> None:
    ground = np.random.default_rng(0).integers(0, 255, (80, 120, 3)).astype(np.uint8)
    windows = [ground[y : y + 48, x : x + 64] for y, x in ((0, 0), (20, 24), (31, 50))]
    pixels = np.stack([*windows, np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)])
    settings = {"height": 48, "width": 64, "least_shared": 0.3, "alike": 0.8}
    found = fields.find_fields(pixels, settings)
    assert found[0] == found[1] == found[2] != found[3]


def test_areas_are_means_over_equal_parts() -> None:
    assert fields.areas_of(4, 2).tolist() == [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]
    assert fields.areas_of(5, 2) @ np.array([1, 1, 5, 9, 9]) == pytest.approx([1.8, 8.2])
    assert fields.areas_of(7, 3).sum(axis=1) == pytest.approx(1)


TARGET = {"spread": 0.12, "least_spread": 0.4, "near": 0.2}


def test_the_middle_of_a_cell_is_hottest_and_its_sides_are_told_there() -> None:
    cells = [rows([1, 10, 20, 50, 44], [2, 60, 4, 66, 10])]
    heat, middles, sides, weight = (
        each.numpy()[0] for each in model.targets(cells, (48, 72), TARGET)
    )
    assert heat.shape == (3, 6, 9)
    assert np.argwhere(middles == 1).tolist() == [[1, 4, 3], [2, 0, 7]]
    assert heat[1, 4, 3] == heat[2, 0, 7] == 1
    assert heat[0].max() == 0
    assert 0 < heat[1, 4, 4] < 1
    assert sides[:, 4, 3].tolist() == [28 - 10, 36 - 20, 50 - 28, 44 - 36]
    assert weight[4, 3] == 1
    assert weight[0, 0] == 0
    wide, tall = heat[1, 4, 4], heat[1, 5, 3]
    assert wide > tall, "a wide cell has a wide bell"


def test_a_cell_cut_off_at_the_far_edge_has_its_middle_inside() -> None:
    *_, middles = [
        each.numpy()[0] for each in model.targets([rows([0, 66, 40, 78, 56])], (48, 72), TARGET)
    ][:2]
    assert np.argwhere(middles == 1).tolist() == [[0, 5, 8]]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_nearer_cell_says_where_the_sides_are(order: list[int]) -> None:
    cells = [rows([0, 0, 0, 48, 48], [0, 32, 20, 40, 28])[order]]
    sides = model.targets(cells, (48, 72), {**TARGET, "spread": 0.5})[2].numpy()[0]
    assert sides[:, 3, 4].tolist() == [4, 8, 4, 0]
    assert sides[:, 2, 2].tolist() == [20, 20, 28, 28]


def test_generalised_iou_is_one_for_the_same_box_and_falls_with_waste() -> None:
    true = torch.tensor([[4.0, 4.0, 4.0, 4.0]] * 3)
    said = torch.tensor([[4.0, 4.0, 4.0, 4.0], [4.0, 4.0, 0.0, 4.0], [8.0, 8.0, 8.0, 8.0]])
    found = model.generalised_iou(said, true).tolist()
    assert found == pytest.approx([1.0, 0.5, 0.25], abs=1e-3)
    cross = model.generalised_iou(torch.tensor([[8.0, 2.0, 8.0, 2.0]]), true[:1]).item()
    shared, union, around = 8 * 4, 64 + 64 - 32, 16 * 8
    assert cross == pytest.approx(shared / union - (around - union) / around, abs=1e-3)


def test_loss_is_small_for_the_truth_and_large_for_its_contrary() -> None:
    wanted = model.targets([rows([1, 10, 20, 50, 44])], (48, 72), TARGET)
    right = torch.where(wanted[1] > 0, 8.0, -8.0)
    good = model.loss(right, wanted[2], wanted, 1.0)
    blind = model.loss(-torch.ones_like(right) * 8, wanted[2], wanted, 1.0)
    crooked = model.loss(right, wanted[2] + 6.0, wanted, 1.0)
    assert good < 0.05 < blind
    assert good < crooked
    assert model.loss(right, wanted[2] + 6.0, wanted, 0.0) == pytest.approx(float(good), abs=0.05)


def moved(known: np.ndarray, flip=(1, 1), zoom=1.0, shift=(0, 0), seen=0.3) -> list:
    return variation.move(
        known, np.array(flip) * zoom, np.array(shift, float), (100, 60), seen
    ).tolist()


def test_boxes_follow_the_picture() -> None:
    known = rows([1, 10, 20, 30, 50])
    assert moved(known) == [pytest.approx([1, 10, 20, 30, 50])]
    assert moved(known, flip=(-1, 1)) == [pytest.approx([1, 70, 20, 90, 50])]
    assert moved(known, flip=(1, -1)) == [pytest.approx([1, 10, 10, 30, 40])]
    assert moved(known, shift=(0.1, 0)) == [pytest.approx([1, 5, 20, 25, 50])]
    assert moved(rows([0, 45, 25, 55, 35]), zoom=2.0) == [pytest.approx([0, 40, 20, 60, 40])]


def test_a_cell_is_cut_off_at_the_edge_and_forgotten_when_little_is_left() -> None:
    known = rows([0, 0, 20, 20, 40])
    assert moved(known, shift=(0.2, 0)) == [pytest.approx([0, 0, 20, 10, 40])]
    assert moved(known, shift=(0.3, 0)) == []
    assert moved(known, shift=(0.3, 0), seen=0.2) == [pytest.approx([0, 0, 20, 5, 40])]


def test_a_convolution_is_that_of_pytorch() -> None:
    random = np.random.default_rng(0)
    found, kernel, bias = (random.normal(size=size) for size in ((4, 9, 13), (5, 4, 3, 3), (5,)))
    for stride, dilation in ((1, 1), (2, 1), (1, 2), (1, 4)):
        expected = torch.nn.functional.conv2d(
            *map(torch.from_numpy, (found[None], kernel, bias)), stride, dilation, dilation
        )[0]
        said = predict.convolve(found, kernel, bias, stride, dilation)
        assert said == pytest.approx(expected.numpy())


def test_peaks_are_the_largest_of_nine() -> None:
    heat = np.zeros((1, 4, 5))
    heat[0, 1, 1], heat[0, 3, 4] = 0.5, 0.2
    found = predict.peaks(heat)[0]
    assert found[0, 0] == found[2, 2] == found[1, 1] == 0.5
    assert found[2, 3] == found[3, 4] == 0.2
    assert found[0, 4] == 0


def test_fields_are_dealt_whole_and_evenly() -> None:
    groups = np.repeat(np.arange(40), [1] * 20 + [2] * 15 + [3] * 5)
    folds = train.folds_of(groups, 2, 3)
    assert all(len(set(folds[groups == field])) == 1 for field in groups)
    assert abs((folds == 0).sum() - (folds == 1).sum()) <= 12
    assert not np.array_equal(folds, train.folds_of(groups, 2, 4))


def test_a_split_by_pictures_tears_fields_apart() -> None:
    groups = np.repeat(np.arange(40), [1] * 20 + [2] * 20)
    folds = train.torn_apart(groups, 2, 3)
    assert all(len(set(folds[groups == field])) == 2 for field in range(20, 40))
    assert abs((folds == 0).sum() - (folds == 1).sum()) <= 1


def test_each_network_is_planned_with_its_rows(prepared) -> None:
    part = data.load(prepared, "train", reader="train")
    jobs, settings = train.plan(part, prepared), prepared.config["train"]
    assert jobs["model"][0].all()
    assert jobs["model"][1:] == (prepared.seed, settings["steps"])
    assert sum(name.startswith("repeat/") for name in jobs) == settings["repeats"]
    assert {jobs[name][1] for name in jobs if name.startswith("repeat/")}.isdisjoint(
        {prepared.seed}
    )
    for kind in ("field", "picture"):
        masks = [~rows for name, (rows, *_) in jobs.items() if name.startswith(f"{kind}/")]
        assert (np.sum(masks, axis=0) == 1).all(), "each picture is left out once"
        steps = {jobs[f"{kind}/{fold}"][2] for fold in range(settings["folds"])}
        assert steps == {round(settings["shorter"] * settings["steps"])}
    for name in ("field/0", "field/1"):
        own = jobs[name][0]
        assert not set(part.fields[own]) & set(part.fields[~own])
    own = jobs["picture/0"][0]
    assert set(part.fields[own]) & set(part.fields[~own])


class Sure:
    """A detector that finds one thing of a kind of its own."""

    def __init__(self, kind: int) -> None:
        self.kind = kind

    def detect(self, _: np.ndarray) -> np.ndarray:
        return rows([self.kind, 0, 0, 1, 1, 0.5])


def test_each_picture_is_asked_of_the_network_that_has_not_learned_from_it(prepared) -> None:
    part = data.load(prepared, "train", reader="train").take(np.arange(4))
    masks = np.array([True, False, True, False])
    jobs = {"a": (masks, 0, 0), "b": (~masks, 0, 0)}
    found = train.say_held_out(part, {"a": Sure(1), "b": Sure(2)}, jobs)
    assert [int(each[0, 0]) for each in found] == [2, 1, 2, 1]


def test_the_threshold_of_a_kind_is_where_f1_is_highest() -> None:
    cells = [rows([0, 0, 0, 10, 10], [0, 20, 0, 30, 10], [1, 40, 0, 50, 10])]
    found = [
        rows(
            [0, 0, 0, 10, 10, 0.9],
            [0, 60, 0, 70, 10, 0.4],
            [0, 20, 0, 30, 10, 0.6],
            [1, 60, 0, 70, 10, 0.8],
            [1, 40, 0, 50, 10, 0.7],
        )
    ]
    assert tuning.choose_thresholds(found, cells, 0.5) == [0.6, 0.7, 1.0]


def test_the_learning_rate_rises_and_falls_once() -> None:
    settings = {"peak_rate": 0.4, "warm_up": 0.2}
    assert fit.rate(0.0, settings) == 0
    assert fit.rate(0.1, settings) == pytest.approx(0.2)
    assert fit.rate(0.2, settings) == pytest.approx(0.4)
    assert fit.rate(0.6, settings) == pytest.approx(0.2)
    assert fit.rate(1.0, settings) == pytest.approx(0)


def test_counts_are_from_the_threshold_on() -> None:
    found = [
        rows([0, 0, 0, 1, 1, 0.5], [0, 0, 0, 1, 1, 0.4], [2, 0, 0, 1, 1, 0.3]),
        np.empty((0, 6)),
    ]
    assert counts.count(found, [0.5, 0.5, 0.3]).tolist() == [[1, 0, 1], [0, 0, 0]]
    assert counts.count([rows([0, 0, 0, 1, 1], [1, 0, 0, 9, 9])]).tolist() == [[1, 1, 0]]
    detector = predict.Detector({}, {}, {}, [0.5, 0.5, 0.3])
    assert detector.counted(found[0])[:, 5].tolist() == [0.5, 0.3]


def test_none_missed_of_fifty_is_not_never() -> None:
    low, high = counts._ends(0, 50)
    assert low == 0
    assert high == pytest.approx(0.0714, abs=1e-3)


def test_a_crop_is_wider_than_its_box_and_ends_at_the_picture() -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    assert labels.crop(pixels, np.array([20, 20, 40, 30]), 0.5).shape == (21, 41, 3)
    assert labels.crop(pixels, np.array([0, 0, 10, 10]), 1.0).shape == (21, 21, 3)


def test_purple_is_white_when_large_and_a_platelet_when_small() -> None:
    settings = {
        "purple": 20.0,
        "join": 1,
        "white": 100,
        "grow": 0.0,
        "platelet": 9,
        "grow_small": 1.0,
    }
    pixels = np.full((60, 80, 3), 200, np.uint8)
    pixels[10:25, 10:30], pixels[40:46, 50:56] = [120, 100, 190], [150, 130, 200]
    big, found = simple.find_purple(pixels, settings)
    assert found[:, 0].tolist() == [1, 2]
    assert found[0, 1:5] == pytest.approx([10, 10, 30, 25], abs=1.5)
    assert found[1, 1:5] == pytest.approx([49, 39, 57, 47], abs=1.5)
    assert big[15, 20]
    assert not big[43, 53]


def test_summaries_tell_light_purple_and_sharpness() -> None:
    pixels = np.zeros((10, 20, 3), np.uint8)
    pixels[..., 2], pixels[:, ::2, 1] = 102, 51
    found = watch.summarise(pixels)
    assert found["light"] == pytest.approx((102 + 25.5) / 3 / 255)
    assert found["purple"] == pytest.approx((102 - 25.5) / 255)
    assert found["sharpness"] == pytest.approx(51 / 255)
    assert watch.certainty([]) == 0
    assert watch.certainty([0.4, 0.6]) == pytest.approx(0.5)


def test_a_share_of_nothing_is_no_number() -> None:
    assert evaluate.ratio(np.array([1, 2]), np.array([2, 4])) == 0.5
    assert np.isnan(evaluate.ratio(np.array([0]), np.array([0])))


def test_grids_hold_every_combination() -> None:
    settings = {"purple": [1, 2], "join": [3], "red": 7}
    found = [*simple.grid(settings, ("purple", "join"))]
    assert pd.DataFrame(found).to_dict("list") == {"purple": [1, 2], "join": [3, 3], "red": [7, 7]}
