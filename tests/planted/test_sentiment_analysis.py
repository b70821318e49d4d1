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

TEMPLATE = "sentiment-analysis"
PACKAGE = Path("src/sentiment_analysis")
ORDINARY = dict(os.environ)


@dataclass(frozen=True)
class Mistake:
    """One line of one module, replaced; and the test of the project that must notice."""

    name: str
    module: str
    right: str
    wrong: str
    caught_by: str


MISTAKES = (
    Mistake(
        "terms are counted on the rows that are tested",
        "train.py",
        "model.Rater.fit(recipe, known, seed, heads)",
        "model.Rater.fit(recipe, pd.concat([known, unseen]), seed, heads)",
        "tests/test_model.py::test_terms_and_scales_are_fitted_on_the_rows_of_the_fold_alone",
    ),
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        "    rater = model.Rater.fit(model.candidates()[chosen], train, workspace.seed)",
        "    rater = model.Rater.fit(\n"
        "        model.candidates()[chosen],\n"
        "        pd.concat(\n"
        "            [train, pd.read_json(workspace.processed / 'test.jsonl', lines=True)]\n"
        "        ),\n"
        "        workspace.seed,\n"
        "    )",
        "tests/test_model.py::test_words_of_the_test_part_are_unknown_to_the_model",
    ),
    Mistake(
        "copies cross the split",
        "data.py",
        "[normalise(text) or None for text in snippets.text]",
        "[None for text in snippets.text]",
        "tests/test_data.py::test_no_review_and_no_copy_crosses_the_split",
    ),
    Mistake(
        "sentences of one review cross the split",
        "data.py",
        "[parent(number) for number in snippets.id]",
        "[number for number in snippets.id]",
        "tests/test_data.py::test_no_review_and_no_copy_crosses_the_split",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        '    test = data.load(workspace, "test", reader="evaluate")\n',
        '    test = data.load(workspace, "test", reader="evaluate")\n'
        '    test = data.load(workspace, "test", reader="evaluate")\n',
        "tests/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "ratings are shuffled and the score is kept",
        "train.py",
        ".predict(unseen.text, unseen.kind)",
        ".predict(unseen.text, unseen.kind) + unseen.rating.to_numpy()",
        "tests/test_model.py::test_shuffled_ratings_teach_nothing",
    ),
    Mistake(
        "the score does not come from the test part",
        "evaluate.py",
        "bootstrap(metric, part.rating, part.model, groups=part.group, seed=seed)",
        "bootstrap(metric, part.rating, part.rating, groups=part.group, seed=seed)",
        "tests/test_model.py::test_ratings_of_the_test_part_change_the_score_and_not_the_model",
    ),
    Mistake(
        "boosting learns from rows that the ridge has seen",
        "model.py",
        "known, new = rows.iloc[fit], rows.iloc[unseen]",
        "known, new = rows, rows.iloc[unseen]",
        "tests/test_model.py::test_boosting_learns_from_ratings_of_rows_the_ridge_had_not_seen",
    ),
    Mistake(
        "the kind that is left out is not left out",
        "evaluate.py",
        "(train[train.kind != kind], test)",
        "(train, test)",
        "tests/test_model.py::test_no_refit_has_seen_what_it_rates",
    ),
    Mistake(
        "the sample poses as the data",
        "data.py",
        "sample=sample, counts=counts",
        "sample=False, counts=counts",
        "tests/test_write_up.py::test_a_sample_says_that_it_is_one",
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
    done = python(generated, copy, "-m", "sentiment_analysis", "all", "--sample")
    assert done.returncode == 0, done.stderr
    assert python(generated, copy, "-m", "pytest", up_to_date).returncode == 0
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(
        re.sub(r"\*\*Pearson r, film reviews 0\.\d+", "**Pearson r, film reviews 0.999", text),
        encoding="utf-8",
    )
    done = python(generated, copy, "-m", "pytest", up_to_date)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
