import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from project_package import (
    boxes,
    data,
    evaluate,
    fit,
    model,
    simple,
    train,
    tuning,
    variation,
)
from project_package.kit.workspace import ProjectError, Workspace
from project_package.pictures import KINDS, Pictures, as_column
from project_package.predict import read_training
from project_package.studies import labels, leak


@pytest.fixture(scope="module")
def known(prepared: Workspace) -> Pictures:
    return data.load(prepared, "train", reader="train")


@pytest.fixture(scope="module")
def measured(trained: Workspace, tmp_path_factory: pytest.TempPathFactory) -> evaluate.Evaluated:
    root = tmp_path_factory.mktemp("measured") / "copy"
    return evaluate.measure(Workspace(shutil.copytree(trained.root, root)))


def short(workspace: Workspace, **settings) -> dict:
    config = workspace.config
    config["train"] |= {"steps": fit.POINTS, **settings}
    return config


def same(one: dict, other: dict) -> bool:
    return all(np.array_equal(array, other[name]) for name, array in one.items())


def test_what_a_network_has_not_learned_from_does_not_change_it(
    trained: Workspace, known: Pictures
) -> None:
    rows = np.arange(len(known)) % 2 == 0
    pixels = known.pixels.copy()
    pixels[~rows] = 255 - pixels[~rows]
    other = replace(
        known,
        pixels=pixels,
        cells=as_column([c if r else c[:0] for c, r in zip(known.cells, rows, strict=True)]),
    )
    one, two = (fit.fit(each, rows, 3, 10, trained.config)[0].fold() for each in (known, other))
    assert same(one, two)


def test_every_network_learns_from_the_rows_of_the_plan(
    copy: Workspace, known: Pictures, monkeypatch
) -> None:
    taught, original = [], train.fit

    def spy(pictures, rows, seed, steps, config):
        taught.append((frozenset(pictures.ids[rows]), seed, steps))
        return original(pictures, rows, seed, 10, config)

    monkeypatch.setattr(train, "fit", spy)
    train.run(copy)
    planned = [
        (frozenset(known.ids[rows]), seed, steps)
        for rows, seed, steps in train.plan(known, copy).values()
    ]
    assert sorted(map(hash, taught)) == sorted(map(hash, planned))
    by_field = [ids for ids, *_ in taught if len(ids) < len(known)][:2]
    assert len(by_field) == 2


def test_the_same_seed_gives_the_same_network_and_another_does_not(
    trained: Workspace, known: Pictures
) -> None:
    rows = np.ones(len(known), bool)
    one, two, other = (
        fit.fit(known, rows, seed, 10, trained.config)[0].fold() for seed in (1, 1, 2)
    )
    assert same(one, two)
    assert not np.array_equal(one["head"], other["head"])


def test_networks_side_by_side_are_those_one_after_the_other(
    trained: Workspace, known: Pictures
) -> None:
    rows, config = np.ones(len(known), bool), trained.config
    alone = [fit.fit(known, rows, seed, 10, config)[0].fold() for seed in range(3)]
    beside = fit.in_threads(lambda seed: fit.fit(known, rows, seed, 10, config)[0], range(3))
    assert all(same(one, other.fold()) for one, other in zip(alone, beside, strict=True))


def test_a_network_can_learn_a_few_pictures_by_heart(trained: Workspace, known: Pictures) -> None:
    config = short(trained, batch_size=4)
    config["augment"] = {"scale": 0.0, "shift": 0.0, "colour": 0.0, "seen": 0.3}
    rows = np.arange(len(known)) < 4
    network, curve = fit.fit(known, rows, 1, 220, config)
    own, detector = known.take(rows), train.detector(network, config)
    found = [detector.detect(pixels) for pixels in own.pixels]
    cells = np.concatenate([*own.cells])
    there = [kind for kind in range(len(KINDS)) if (cells[:, 0] == kind).any()]
    each = [boxes.precision_of_kind(found, own.cells, kind, 0.5) for kind in there]
    assert np.mean(each) > 0.8
    assert curve[-1] < curve[0] / 2


def test_boxes_of_other_pictures_teach_little(trained: Workspace, known: Pictures) -> None:
    order = np.random.default_rng(0).permutation(len(known))
    own = np.arange(len(known)) % 4 == 0
    steps = trained.config["train"]["steps"]
    found = []
    for pictures in (known, replace(known, cells=known.cells[order])):
        network, _ = fit.fit(pictures, ~own, 1, steps, trained.config)
        detector = train.detector(network, trained.config)
        said = [detector.detect(pixels) for pixels in known.pixels[own]]
        found.append(tuning.mean_precision(said, known.cells[own], 0.5))
    assert found[1] < 0.25 < found[0]


def test_arrays_answer_as_pytorch_does(trained: Workspace, known: Pictures) -> None:
    network, _ = fit.fit(known, np.ones(len(known), bool), 1, 10, trained.config)
    plain = train.detector(network, trained.config)
    with torch.inference_mode():
        heat, sides = (each[0].numpy() for each in network(model.as_tensor(known.pixels[:1])))
    said = plain.maps(known.pixels[0])
    assert said[0] == pytest.approx(1 / (1 + np.exp(-heat)), abs=1e-5)
    assert said[1] == pytest.approx(sides, rel=1e-4)
    assert train.require_parity(network, plain, known) < 1e-5
    spoilt = replace(plain, arrays={**plain.arrays, "bias0": plain.arrays["bias0"] + 0.5})
    with pytest.raises(ProjectError, match="differ"):
        train.require_parity(network, spoilt, known)


def discs(places: list[tuple[int, int]]) -> tuple[torch.Tensor, list[np.ndarray]]:
    """Bright squares of 12 pixels, and their boxes."""
    pixels = torch.zeros(1, 3, 72, 96)
    cells = []
    for x, y in places:
        pixels[0, :, y - 6 : y + 6, x - 6 : x + 6] = 1
        cells.append([0, x - 6, y - 6, x + 6, y + 6])
    return pixels, [np.array(cells, dtype=float)]


@pytest.mark.parametrize("seed", range(6))
def test_boxes_go_where_the_cells_go(seed: int) -> None:
    pixels, cells = discs([(30, 20), (60, 50)])
    settings = {"scale": 0.3, "shift": 0.2, "colour": 0.0, "seen": 0.95}
    moved, known = variation.augment(pixels, cells, settings, np.random.default_rng(seed))
    for _, left, top, right, bottom in known[0]:
        column, row = int((left + right) / 2), int((top + bottom) / 2)
        assert moved[0, 0, row, column] > 0.8
        for x, y in ((left - 3, (top + bottom) / 2), ((left + right) / 2, bottom + 3)):
            if 0 <= int(x) < 96 and 0 <= int(y) < 72:
                assert moved[0, 0, int(y), int(x)] < 0.5


def test_variation_may_be_switched_off(known: Pictures) -> None:
    seen, off = (
        model.as_tensor(known.pixels[:4]),
        dict.fromkeys(("scale", "shift", "colour", "seen"), 0.0),
    )

    class Unturned:
        """Draws that turn nothing over."""

        def __init__(self) -> None:
            self.drawn = np.random.default_rng(0)

        def choice(self, _: list, size: tuple) -> np.ndarray:
            return np.ones(size)

        def uniform(self, *args) -> np.ndarray:
            return self.drawn.uniform(*args)

    same_again, cells = variation.augment(seen, known.cells[:4], off, Unturned())
    assert same_again.numpy() == pytest.approx(seen.numpy(), abs=1e-4)
    for one, other in zip(cells, known.cells[:4], strict=True):
        assert one == pytest.approx(other)


def test_pictures_are_stained_within_limits_each_colour_by_itself(known: Pictures) -> None:
    seen = torch.ones(200, 3, 16, 16)
    settings = {"scale": 0.0, "shift": 0.0, "colour": 0.2, "seen": 0.3}
    found, _ = variation.augment(seen, [np.empty((0, 5))] * 200, settings, np.random.default_rng(0))
    assert float(found.min()) >= np.exp(-0.2) - 0.1 - 1e-5
    assert float(found.max()) <= np.exp(0.2) + 0.1 + 1e-5
    assert float((found[:, 0] - found[:, 1]).abs().mean()) > 0.05


def test_simple_methods_are_tuned_on_training_pictures_alone(
    trained: Workspace, known: Pictures, without_test: Workspace
) -> None:
    chosen, table = tuning.tune(known, without_test)
    assert read_training(trained)["chosen"] == chosen
    settings = trained.config["baselines"]
    many = len(settings["purple"]) * len(settings["join"])
    for names in simple.TUNED.values():
        many += int(np.prod([len(settings[name]) for name in names]))
    assert len(table) == many
    assert all(set(each) >= set(simple.PURPLE) for each in chosen.values())


def test_the_settings_of_a_simple_method_are_the_best_that_were_tried(trained: Workspace) -> None:
    training = read_training(trained)
    for method, names in simple.TUNED.items():
        own = {k: v for k, v in training["candidates"].items() if k.startswith(f"{method}:")}
        chosen = training["chosen"][method]
        told = f"{method}: " + ", ".join(f"{name} {chosen[name]:g}" for name in names)
        assert own[told] == max(own.values())


def test_a_held_out_baseline_is_tuned_on_other_folds(
    trained: Workspace, known: Pictures, monkeypatch
) -> None:
    asked, original = [], train.tune

    def spy(pictures, workspace, rows=None):
        asked.append(set(rows.tolist()))
        return original(pictures, workspace, rows)

    monkeypatch.setattr(train, "tune", spy)
    said = train.held_out_baseline(trained)
    folds = train.folds_of(known.fields, trained.config["train"]["folds"], trained.seed)
    assert asked == [set(np.flatnonzero(folds != fold).tolist()) for fold in range(folds.max() + 1)]
    assert len(said) == len(known) * sum(trained.config["detection"]["most"])


def test_thresholds_come_from_training_pictures_of_fields_not_learned_from(
    trained: Workspace, measured: evaluate.Evaluated, known: Pictures
) -> None:
    held = measured.held_out("field")
    assert len(held) == len(known)
    expected = tuning.choose_thresholds(held, known.cells, 0.5)
    assert list(measured.shipped.thresholds) == pytest.approx(expected)
    learned = [measured.shipped.detect(pixels) for pixels in known.pixels]
    assert list(measured.shipped.thresholds) != tuning.choose_thresholds(learned, known.cells, 0.5)


def test_held_out_are_detections_of_networks_that_have_not_seen_the_field(
    measured: evaluate.Evaluated, known: Pictures, trained: Workspace
) -> None:
    rows, seed, steps = train.plan(known, trained)["field/0"]
    network, _ = fit.fit(known, rows, seed, steps, trained.config)
    detector = train.detector(network, trained.config)
    for row in np.flatnonzero(~rows)[:3]:
        assert detector.detect(known.pixels[row]) == pytest.approx(
            measured.held_out("field")[row], abs=1e-4
        )


def test_attempts_are_scored_by_whole_fields(closed: Workspace, known: Pictures) -> None:
    said = train.held_out(closed).rows
    assert len(said) == len(known) * sum(closed.config["detection"]["most"])
    assert said.groupby("group").fold.nunique().max() == 1
    assert said.fold.nunique() == closed.config["train"]["folds"]
    assert said.id.is_unique


def test_the_leak_is_asked_of_pictures_whose_field_was_seen(
    measured: evaluate.Evaluated, trained: Workspace
) -> None:
    train_part = measured.train
    seen = leak.seen_elsewhere(trained, train_part)
    rows = {name: train.plan(train_part, trained)[f"picture/{name}"][0] for name in (0, 1)}
    for row in np.flatnonzero(seen):
        learned = next(own for own in rows.values() if not own[row])
        assert train_part.fields[row] in train_part.fields[learned]
    assert seen.sum() >= 4
    lone = leak.alone(train_part)
    assert not (seen & lone).any()
    _, counts = np.unique(train_part.fields[lone], return_counts=True)
    assert set(counts) == {1}


def test_contradictions_touch_no_box_of_their_kind(measured: evaluate.Evaluated) -> None:
    found = labels.contradictions(measured)
    assert found.score.is_monotonic_decreasing
    for each in found.itertuples():
        cells = measured.train.cells[each.row]
        alike = cells[cells[:, 0] == KINDS.index(each.kind)]
        assert not (boxes.overlaps(each.found[None, 1:5], alike[:, 1:5]) > 0).any()
        assert each.score >= measured.shipped.thresholds[KINDS.index(each.kind)]


def test_the_sample_has_cells_without_a_box_that_the_networks_point_at(
    measured: evaluate.Evaluated,
) -> None:
    assert len(labels.contradictions(measured)) > 0
