"""Mistakes that the image recognition's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import NEVER_OPENS, SAMPLE_POSES, TEST_READ_TWICE, Mistake

MISTAKES = (
    Mistake(
        "the network is fitted on the validation rows too",
        "train.py",
        "Trainer(train, Recipe",
        "Trainer(Images(*(np.concatenate([getattr(train, key), getattr(validation, key)])"
        ' for key in ("pixels", "labels", "ids"))), Recipe',
        "tests/test_model.py::test_mean_and_deviation_come_from_the_training_part_alone",
    ),
    Mistake(
        "the threshold is chosen on the test set",
        "train.py",
        'trainers["model"].network, validation, config["costs"]["error"])',
        "trainers['model'].network, data.read_part(workspace.processed / 'test.npz'),"
        ' config["costs"]["error"])',
        "tests/test_model.py::"
        "test_training_gives_the_same_model_again_and_never_opens_the_test_set",
    ),
    Mistake(
        "near-copies of test images stay in training",
        "data.py",
        "copy_of_test = ~is_test & np.isin(group, group[is_test])",
        "copy_of_test = np.zeros(len(official), dtype=bool)",
        "tests/test_data.py::test_no_near_copy_crosses_the_split",
    ),
    Mistake(
        "near-copies are not looked for",
        "data.py",
        'near_copies(official.pixels, settings["near"])',
        "near_copies(official.pixels, -1.0)",
        "tests/test_data.py::test_no_near_copy_crosses_the_split",
    ),
    Mistake(
        "validation rows stand in the training part too",
        "data.py",
        '"train": official.take(usable[~is_validation])',
        '"train": official.take(usable)',
        "tests/kit/test_manifest.py::test_no_row_is_in_two_parts",
    ),
    TEST_READ_TWICE,
    Mistake(
        "labels are shuffled and the score is kept",
        "evaluate.py",
        "chances=recogniser.probabilities(test.pixels).astype(np.float64)",
        "chances=np.eye(10)[test.labels] * 0.5 + recogniser.probabilities(test.pixels) / 2",
        "tests/test_model.py::test_nothing_that_is_chosen_comes_from_the_test_set",
    ),
    SAMPLE_POSES,
    Mistake(
        "the write-up keeps its old numbers",
        "kit/report.py",
        "if after != before:",
        "if after != before and not before:",
        "tests/kit/test_write_up.py::test_the_readme_says_what_metrics_json_says",
    ),
    Mistake(
        "the exported network is not the calibrated one",
        "train.py",
        "recogniser = Recogniser(network, temperature)",
        "recogniser = Recogniser(network, 1.0)",
        "tests/test_model.py::test_the_export_agrees_with_pytorch",
    ),
    Mistake(
        "residual blocks start at nothing and stay there",
        "model.py",
        "            convolution(channels, channels), convolution(channels, channels)\n        )\n",
        "            convolution(channels, channels), convolution(channels, channels)\n        )\n"
        "        nn.init.zeros_(self.change[1][1].weight)\n",
        "tests/test_model.py::test_every_weight_of_the_network_learns",
    ),
    Mistake(
        "a resumed training begins again at its first batch",
        "kit/training.py",
        "curve, step = list(standing.curve), standing.step",
        "curve, step = list(standing.curve), 0",
        "tests/test_model.py::test_an_interrupted_training_ends_as_if_nothing_had_happened",
    ),
    Mistake(
        "the service needs PyTorch",
        "predict.py",
        "import onnxruntime\n",
        "import onnxruntime\nimport torch\n",
        "tests/test_serve.py::test_the_service_needs_neither_pytorch_nor_scikit_learn",
    ),
    Mistake(
        "the clock ends the training",
        "kit/training.py",
        "while step < trainer.steps and not stop.is_set():",
        "while step < trainer.steps and not stop.is_set() and time.monotonic() - saved < 600:",
        "tests/test_model.py::test_no_clock_decides_anything",
    ),
    Mistake(
        "the support vector machine sees a tenth of the training images",
        "baselines.py",
        "        ).fit(seen, labels)",
        "        ).fit(seen[::10], labels[::10])",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "near-copies are dropped and the ledger is not told",
        "data.py",
        "int((~copy_of_test).sum()), COPIES",
        'int((~copy_of_test).sum()), "unreadable"',
        "tests/kit/test_recompute.py::test_no_row_is_lost_without_an_allowed_reason",
    ),
    Mistake(
        "too sure and too shy cancel",
        "evaluate.py",
        "    return float(np.abs(gaps).sum() / len(confidence))\n",
        "    return float(abs(gaps.sum()) / len(confidence))\n",
        "tests/kit/test_recompute.py::test_every_further_metric_follows_from_the_sealed_file",
    ),
    Mistake(
        "the network is shown the images untouched",
        "studies/corruption.py",
        "lambda pixels: evaluated.recogniser.probabilities(pixels).argmax(1),",
        "lambda pixels: evaluated.recogniser.probabilities("
        "evaluated.images.pixels[: len(pixels)]).argmax(1),",
        "tests/test_model.py::test_a_corruption_is_shown_to_the_network_as_to_the_baseline",
    ),
    Mistake(
        "an attempt learns from the images that it is scored on",
        "train.py",
        '"model": say_after_short_training(workspace, few, validation)',
        '"model": say_after_short_training(workspace, validation, validation)',
        "tests/test_model.py::"
        "test_an_attempt_is_scored_on_images_that_neither_it_nor_the_baseline_learned_from",
    ),
    Mistake(
        "an attempt is scored on the test set",
        "train.py",
        'return train, data.load(workspace, "validation", reader="train")',
        'return train, data.read_part(workspace.processed / "test.npz")',
        NEVER_OPENS,
    ),
)
