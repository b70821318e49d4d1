"""Known mistakes, each planted in a generated copy, must make the project's own tests fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.network]

TEMPLATE = "image-recognition"
PACKAGE = Path("src/image_recognition")
ORDINARY = dict(os.environ)


@dataclass(frozen=True)
class Mistake:
    """One place of one module, replaced; and the test of the project that must notice."""

    name: str
    module: str
    right: str
    wrong: str
    caught_by: str


MISTAKES = (
    Mistake(
        "the network is fitted on the validation rows too",
        "train.py",
        "trainer = Trainer(train, Recipe",
        "trainer = Trainer(Images(*(np.concatenate([getattr(train, key), getattr(validation, key)])"
        ' for key in ("pixels", "labels", "ids"))), Recipe',
        "tests/test_model.py::test_mean_and_deviation_come_from_the_training_part_alone",
    ),
    Mistake(
        "the threshold is chosen on the test part",
        "train.py",
        'shipped = ship(workspace, trainer.network, validation, settings["error_cost"])',
        'shipped = ship(workspace, trainer.network, data.load(workspace, "test", "evaluate"),'
        ' settings["error_cost"])',
        "tests/test_model.py::"
        "test_training_gives_the_same_model_again_and_never_opens_the_test_part",
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
        "NEAR = 0.05",
        "NEAR = -1.0",
        "tests/test_data.py::test_no_near_copy_crosses_the_split",
    ),
    Mistake(
        "validation rows stand in the training part too",
        "data.py",
        '"train": official.take(usable[~is_validation])',
        '"train": official.take(usable)',
        "tests/test_manifest.py::test_no_row_is_in_two_parts",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        '    test = data.load(workspace, "test", reader="evaluate")\n',
        '    data.load(workspace, "test", reader="evaluate")\n'
        '    test = data.load(workspace, "test", reader="evaluate")\n',
        "tests/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "labels are shuffled and the score is kept",
        "evaluate.py",
        "chances=recogniser.probabilities(test.pixels).astype(np.float64)",
        "chances=np.eye(10)[test.labels] * 0.5 + recogniser.probabilities(test.pixels) / 2",
        "tests/test_model.py::test_nothing_that_is_chosen_comes_from_the_test_part",
    ),
    Mistake(
        "the sample poses as the data",
        "data.py",
        "sample=sample, counts=counts",
        "sample=False, counts=counts",
        "tests/test_write_up.py::test_a_sample_says_that_it_is_one",
    ),
    Mistake(
        "the write-up keeps its old numbers",
        "report.py",
        "if after != before:",
        "if after != before and not before:",
        "tests/test_write_up.py::test_the_readme_says_what_metrics_json_says",
    ),
    Mistake(
        "the exported network is not the calibrated one",
        "train.py",
        "recogniser = Recogniser(network, temperature).cpu()",
        "recogniser = Recogniser(network, 1.0).cpu()",
        "tests/test_model.py::test_the_export_agrees_with_pytorch",
    ),
    Mistake(
        "a resumed training begins again at its first batch",
        "fit.py",
        "curve, step, loss = list(standing.curve), standing.step",
        "curve, step, loss = list(standing.curve), 0",
        "tests/test_model.py::test_an_interrupted_training_ends_as_if_nothing_had_happened",
    ),
    Mistake(
        "the service needs PyTorch",
        "predict.py",
        "import onnxruntime\n",
        "import onnxruntime\nimport torch\n",
        "tests/test_serve.py::test_the_service_needs_neither_pytorch_nor_scikit_learn",
    ),
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated project with its environment, not yet run."""
    here = tmp_path_factory.mktemp("planted")
    for words in (["new", TEMPLATE, "--yes"], ["run", TEMPLATE, "environment"]):
        subprocess.run(
            [sys.executable, "-m", "scaffold", *words], cwd=here, env=ORDINARY, check=True
        )
    return here / TEMPLATE


@pytest.fixture
def copy(generated: Path, tmp_path: Path) -> Path:
    """The project without its environment, to be spoilt."""
    return Path(
        shutil.copytree(generated, tmp_path / TEMPLATE, ignore=shutil.ignore_patterns(".venv"))
    )


def python(generated: Path, copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The generated project's Python on the copy's code."""
    scripts = generated / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    return subprocess.run(
        [str(scripts / "python"), *words],
        cwd=copy,
        env={**ORDINARY, "PYTHONPATH": str(copy / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_mistake_the_tests_pass(generated: Path, copy: Path) -> None:
    done = python(generated, copy, "-m", "pytest", *{mistake.caught_by for mistake in MISTAKES})
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_caught(mistake: Mistake, generated: Path, copy: Path) -> None:
    module = copy / PACKAGE / mistake.module
    code = module.read_text(encoding="utf-8")
    assert code.count(mistake.right) == 1
    module.write_text(code.replace(mistake.right, mistake.wrong), encoding="utf-8")
    done = python(generated, copy, "-m", "pytest", mistake.caught_by)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"FAILED {re.escape(mistake.caught_by)}", done.stdout), done.stdout


def test_a_stale_number_in_the_readme_is_caught(generated: Path, copy: Path) -> None:
    up_to_date = "tests/test_write_up.py::test_the_committed_write_up_is_up_to_date"
    done = python(generated, copy, "-m", "image_recognition", "all", "--sample")
    assert done.returncode == 0, done.stderr
    assert python(generated, copy, "-m", "pytest", up_to_date).returncode == 0
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(re.sub(r"\*\*accuracy 0\.\d+", "**accuracy 0.999", text), encoding="utf-8")
    done = python(generated, copy, "-m", "pytest", up_to_date)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
