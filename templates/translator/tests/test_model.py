import json
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from project_package import data, evaluate, fit, train, writer
from project_package.kit import training as steps
from project_package.kit.statistics import bleu
from project_package.kit.workspace import ProjectError, Workspace, read_json
from project_package.model import KINDS, Network, build, drop, places
from project_package.predict import Translator
from project_package.studies import contrast
from project_package.subwords import END, NOTHING, START, learn

SETTINGS = {"width": 16, "heads": 2, "layers": 2, "hidden": 32, "dropout": 0.1}
SOURCE = [[5, 6, 7, END], [8, 9, END], [5, 9, 6, 8, 7, END], [6, END]]
TARGET = [[7, 6, 5, END], [9, 8, END], [7, 8, 6, 9, 5, END], [6, END]]


@pytest.fixture(params=[*KINDS])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def network(kind: str) -> Network:
    torch.manual_seed(0)
    return build(12, SETTINGS, kind).eval()


def recipe(steps: int = 12, **changes) -> dict:
    settings = {
        "steps": steps, "tokens": 12, "peak_rate": 0.01, "warm_up": 0.2, "weight_decay": 0.0,
        "smoothing": 0.0, "clip": 1.0, "points": 3,
    }  # fmt: skip
    return {"model": SETTINGS, "train": {**settings, **changes}}


def test_what_comes_later_is_not_known_earlier(network: Network) -> None:
    source, written = torch.tensor([SOURCE[0]]), torch.tensor([[START, 5, 6, 7]])
    other = torch.tensor([[START, 5, 9, 8]])
    with torch.inference_mode():
        one, two = network(source, written), network(source, other)
    assert torch.allclose(one[:, :2], two[:, :2], atol=1e-6)
    assert not torch.allclose(one[:, 2:], two[:, 2:], atol=1e-3)


def test_filling_up_a_row_changes_nothing(network: Network) -> None:
    short, long = torch.tensor([SOURCE[1]]), fit.pad([SOURCE[1], SOURCE[2]])
    written = torch.tensor([[START, 9, 8]])
    with torch.inference_mode():
        alone = network(short, written)
        beside = network(long, written.expand(2, -1))[:1]
    assert torch.allclose(alone, beside, atol=1e-5)


def test_every_place_of_the_source_matters(network: Network) -> None:
    written = torch.tensor([[START, 5]])
    with torch.inference_mode():
        plain = network(torch.tensor([[5, 6, 7, END]]), written)
        for place in range(3):
            changed = [5, 6, 7, END]
            changed[place] = 9
            other = network(torch.tensor([changed]), written)
            assert not torch.allclose(plain, other, atol=1e-4), place


def test_the_order_of_the_source_matters(network: Network) -> None:
    written = torch.tensor([[START, 5]])
    with torch.inference_mode():
        one = network(torch.tensor([[5, 6, END]]), written)
        other = network(torch.tensor([[6, 5, END]]), written)
    assert not torch.allclose(one, other, atol=1e-4)


def test_every_weight_learns(kind: str) -> None:
    trainer = fit.Trainer(SOURCE, TARGET, 12, recipe(), seed=1, kind=kind)
    before = {name: each.clone() for name, each in trainer.network.named_parameters()}
    for number in range(4):
        trainer.step(number)
    for name, each in trainer.network.named_parameters():
        if name.endswith(("keys.bias", "asks.bias")):
            continue  # what is added to every likeness alike does not show
        assert not torch.equal(before[name], each), name


def test_a_small_task_is_learned_to_the_end(kind: str) -> None:
    trainer = fit.Trainer(SOURCE, TARGET, 12, recipe(150, tokens=40), seed=1, kind=kind)
    look = fit.watch(SOURCE, TARGET, 40)
    before = look(trainer.network)["validation_loss"]
    steps.finish(trainer, look)
    assert look(trainer.network)["validation_loss"] < before / 5


def test_dropping_keeps_the_mean_and_needs_random() -> None:
    values = torch.ones(200, 200)
    assert drop(values, 0.3, None) is values
    dropped = drop(values, 0.3, torch.Generator().manual_seed(0))
    assert float(dropped.mean()) == pytest.approx(1, abs=0.02)
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.02)


def test_places_are_waves_of_growing_length() -> None:
    found = places(50, 8)
    assert found.shape == (50, 8)
    assert found[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert float(found[3, 0]) == pytest.approx(np.sin(3), abs=1e-6)
    assert float(found[3, 5]) == pytest.approx(np.cos(3 / 10_000 ** (1 / 4)), abs=1e-6)


def test_what_was_written_before_begins_with_start() -> None:
    assert fit.after_start(torch.tensor([[7, 8, END]])).tolist() == [[START, 7, 8]]
    assert fit.pad([[4], [5, 6]]).tolist() == [[4, NOTHING], [5, 6]]


def test_the_loss_on_the_validation_set_is_a_mean_over_pieces(network: Network) -> None:
    look = fit.watch(SOURCE, TARGET, 12)(network)["validation_loss"]
    total, pieces = 0.0, 0
    for source, target in zip(SOURCE, TARGET, strict=True):
        with torch.inference_mode():
            known = network(torch.tensor([source]), torch.tensor([[START, *target[:-1]]]))
            logs = torch.log_softmax(network.logits(known)[0], dim=1)
        total -= sum(float(logs[place, piece]) for place, piece in enumerate(target))
        pieces += len(target)
    assert look == pytest.approx(total / pieces, rel=1e-5)


def test_an_interrupted_training_ends_as_if_nothing_had_happened(
    kind: str, tmp_path: Path, monkeypatch
) -> None:
    look = fit.watch(SOURCE, TARGET, 12)

    def fresh() -> fit.Trainer:
        return fit.Trainer(SOURCE, TARGET, 12, recipe(), seed=3, kind=kind)

    whole = fresh()
    steps.finish(whole, look, tmp_path / "whole.safetensors")
    path, stop, step = tmp_path / "broken.safetensors", threading.Event(), fit.Trainer.step

    def until_ctrl_c(self: fit.Trainer, number: int) -> dict:
        if number == 6:
            stop.set()
        return step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(fit.Trainer, "step", until_ctrl_c)
        assert steps.finish(fresh(), look, path, stop).step == 7
    resumed = fresh()
    assert steps.finish(resumed, look, path).step == 12
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)
    assert steps.read_standing(path) == steps.read_standing(tmp_path / "whole.safetensors")


@pytest.mark.parametrize(
    "change",
    [{"seed": 4}, {"config": recipe(smoothing=0.2)}, {"target": SOURCE}, {"kind": "recurrent"}],
)
def test_a_checkpoint_of_another_training_is_not_gone_on_from(tmp_path: Path, change: dict) -> None:
    given = {"source": SOURCE, "target": TARGET, "pieces": 12, "config": recipe(), "seed": 3}
    one, other = fit.Trainer(**given), fit.Trainer(**{**given, **change})
    assert one.identity != other.identity


def test_no_clock_decides_anything(monkeypatch, tmp_path: Path) -> None:
    """A machine that stands still for an hour between two steps finds the same numbers."""
    look = fit.watch(SOURCE, TARGET, 12)
    one = fit.Trainer(SOURCE, TARGET, 12, recipe(), seed=3)
    steps.finish(one, look, tmp_path / "one.safetensors")
    hours = iter(range(0, 10**9, 3600))
    monkeypatch.setattr(steps.time, "monotonic", lambda: float(next(hours)))
    other = fit.Trainer(SOURCE, TARGET, 12, recipe(), seed=3)
    steps.finish(other, look, tmp_path / "other.safetensors")
    for a, b in zip(one.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(a, b)


def test_other_seeds_give_other_networks_and_the_same_seed_the_same() -> None:
    def weights(seed: int) -> torch.Tensor:
        trainer = fit.Trainer(SOURCE, TARGET, 12, recipe(), seed=seed)
        steps.finish(trainer, lambda _: {})
        return trainer.network.pieces.detach()

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.fixture
def small(kind: str) -> tuple[Network, Translator | None]:
    torch.manual_seed(2)
    subwords = learn(["ab cd abcd dcba"] * 3, size=20, least=1)
    network = build(len(subwords.pieces), SETTINGS, kind)
    config = {"model": SETTINGS, "search": {"beam": 3}}
    shipped = train.translator(network, subwords, config) if kind == "transformer" else None
    return network.eval(), shipped


def test_written_piece_by_piece_as_all_at_once(small) -> None:
    """The arrays that remember what was written, and PyTorch that reads all of it anew."""
    network, shipped = small
    if shipped is None:
        told = fit.RecurrentWriter(network, [5, 6, END], writer.NEVER)
    else:
        told = shipped.writer([5, 6, END])
    texts = [[START], [START]]
    logs, _ = told.advance([0, 0], [START, START])
    for parents, pieces in (([0, 1], [7, 8]), ([1, 1], [9, 5]), ([0, 0], [6, 7])):
        logs, looked = told.advance(parents, pieces)
        texts = [[*texts[parent], piece] for parent, piece in zip(parents, pieces, strict=True)]
        with torch.inference_mode():
            source = torch.tensor([[5, 6, END]] * 2)
            scores = network.logits(network(source, torch.tensor(texts)))[:, -1].double()
            scores[:, writer.NEVER] = -np.inf
            expected = torch.log_softmax(scores, dim=1).numpy()
        there = np.isfinite(expected)
        assert (there == np.isfinite(logs)).all()
        assert logs[there] == pytest.approx(expected[there], abs=1e-3)
        if shipped is not None:
            assert looked.shape == (2, 3)
            assert looked.sum(axis=1) == pytest.approx(1)


def test_the_surprise_at_a_translation_is_the_sum_over_its_pieces() -> None:
    torch.manual_seed(2)
    subwords = learn(["ab cd abcd dcba"] * 3, size=20, least=1)
    network = build(len(subwords.pieces), SETTINGS)
    shipped = train.translator(network, subwords, {"model": SETTINGS, "search": {"beam": 2}})
    source, target = ([*subwords.encode(text), END] for text in ("ab cd", "dcba ab"))
    with torch.inference_mode():
        written = torch.tensor([[START, *target[:-1]]])
        scores = network.eval().logits(network(torch.tensor([source]), written))[0].double()
        scores[:, writer.NEVER] = -np.inf
        logs = torch.log_softmax(scores, dim=1)
    expected = -sum(float(logs[place, piece]) for place, piece in enumerate(target))
    assert contrast.surprise(shipped, "ab cd", "dcba ab") == pytest.approx(expected, abs=1e-3)


def test_arrays_that_differ_from_the_network_are_not_shipped() -> None:
    torch.manual_seed(2)
    subwords = learn(["ab cd abcd dcba"] * 3, size=20, least=1)
    network = build(len(subwords.pieces), SETTINGS)
    shipped = train.translator(network, subwords, {"model": SETTINGS, "search": {"beam": 2}})
    assert train.require_parity(network, shipped, SOURCE, TARGET) < 1e-4
    shipped.arrays["writers.1.other.values.weight"][:] *= 1.1
    with pytest.raises(ProjectError, match="differ"):
        train.require_parity(network, shipped, SOURCE, TARGET)


def test_what_is_saved_is_what_is_read(trained: Workspace, tmp_path: Path) -> None:
    shipped = Translator.load(trained)
    shipped.save(tmp_path / "again.safetensors")
    again = Translator.read(tmp_path / "again.safetensors")
    assert again.subwords == shipped.subwords
    for name, array in shipped.arrays.items():
        assert np.array_equal(again.arrays[name], array), name
    with pytest.raises(ProjectError, match="missing"):
        Translator.read(tmp_path / "none.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"not a file of weights")
    with pytest.raises(ProjectError, match="cannot be read"):
        Translator.read(tmp_path / "broken.safetensors")


def test_how_the_work_is_shared_out_changes_nothing(trained: Workspace, monkeypatch) -> None:
    shipped = Translator.load(trained)
    english = data.load(trained, "validation", reader="train").english[:9]
    alone = train.search_all(shipped, english, 2)
    monkeypatch.setattr(train, "WORTH_PROCESSES", 1)
    monkeypatch.setattr(train, "PART", 4)
    shared = train.search_all(shipped, english, 2)
    assert [[one.pieces for one in each] for each in shared] == [
        [one.pieces for one in each] for each in alone
    ]


def test_subwords_and_networks_come_from_the_training_part_alone(trained: Workspace) -> None:
    pairs = data.load(trained, "train", reader="train")
    expected = train.learn_subwords(pairs, trained.config)
    shipped = Translator.load(trained)
    assert shipped.subwords == expected
    told = read_json(trained.models / "training.json", made_by="train")
    assert told["pieces"] == len(expected.pieces) <= trained.config["subwords"]["size"]


def test_networks_learn_from_the_training_part_and_nothing_else(trained: Workspace) -> None:
    pairs = data.load(trained, "train", reader="train")
    subwords, config = Translator.load(trained).subwords, trained.config
    expected = train.trainer(pairs, subwords, config, trained.seed, train.RECURRENT).identity
    standing = steps.read_standing(steps.checkpoint(trained.models, train.RECURRENT))
    assert standing is not None
    assert standing.identity == expected


def test_every_round_mixes_anew() -> None:
    source = [[4] * (2 + number % 5) for number in range(60)]
    one, longer = (fit.Trainer(source, source, 12, recipe(100), seed=5) for _ in range(2))
    one.step(0)
    first = one.batches
    for number in range(len(first) + 1):
        longer.step(number)
    second = longer.batches[len(first) :]
    assert longer.batches[: len(first)] == first != second
    for found in (first, second):
        assert sorted(row for rows in found for row in rows) == list(range(60))


def test_the_penalty_and_the_baselines_are_chosen_on_the_validation_set(
    trained: Workspace,
) -> None:
    told = read_json(trained.models / "training.json", made_by="train")
    pairs = data.load(trained, "validation", reader="train")
    shipped = Translator.load(trained)
    found = train.search_all(shipped, pairs.english, shipped.beam)
    reached = {
        penalty: train.bleu_of(train.best_of(found, shipped.subwords, float(penalty)), pairs)
        for penalty in told["penalties"]
    }
    assert reached == pytest.approx(told["penalties"])
    assert told["penalty"] == float(max(reached, key=reached.__getitem__)) == shipped.penalty
    table = {(name, value): score for name, value, score, _ in told["candidates"]}
    for name, key in ((train.baselines.MEMORY, "memory"), (train.WORDS, "iterations")):
        own = {value: table[name, str(value)] for value in trained.config["baselines"][key]}
        assert told["chosen"][key] == max(own, key=own.__getitem__)


def test_the_curve_is_kept_for_every_network_and_falls(trained: Workspace) -> None:
    told = read_json(trained.models / "training.json", made_by="train")["networks"]
    repeats = trained.config["train"]["repeats"]
    assert set(told) == {"model", "recurrent", *(f"repeat-{n}" for n in range(1, repeats + 1))}
    for name, about in told.items():
        losses = [point["validation_loss"] for point in about["curve"]]
        assert len(losses) == trained.config["train"]["points"], name
        assert losses[-1] < losses[0] / 2, name
        assert about["curve"][-1]["step"] == trained.config["train"]["steps"]
    assert told["model"]["seed"] == trained.seed != told["repeat-1"]["seed"]
    assert told["model"]["epochs"] > 1


def test_a_leak_would_show_on_the_sample(trained: Workspace) -> None:
    """Who has seen a sentence gives its translation letter by letter; the memory proves it."""
    pairs = data.load(trained, "train", reader="train").head(50)
    say = evaluate.baselines.fit(evaluate.MEMORY, pairs.english, pairs.german, {"memory": "words"})
    assert train.bleu_of(say(list(pairs.english)), pairs) == pytest.approx(100)
    rows = json.loads((trained.reports / "metrics.json").read_text("utf-8"))
    assert rows["baselines"][0]["value"] < 60
    assert rows["primary"]["value"] < 97


def test_bleu_of_all_is_not_the_mean_of_sentences() -> None:
    counts = np.array([[10, 10, 9, 7, 5, 4], [2, 6, 1, 0, 0, 0]])
    alone = np.mean([bleu(row[None], row[None]) for row in counts])
    assert bleu(counts, counts) != pytest.approx(alone, abs=1)
