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

TEMPLATE = "text-summarizer"
PACKAGE = Path("src/text_summarizer")
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
        "the ranker is fitted on all rows",
        "train.py",
        'train = data.load(workspace, "train", reader="train")\n',
        "train = pd.concat(\n"
        '        pd.read_json(workspace.processed / f"{part}.jsonl", lines=True, dtype=False)\n'
        "        for part in data.PARTS\n    )\n",
        "tests/test_model.py::test_nothing_is_fitted_outside_the_training_part",
    ),
    Mistake(
        "the candidate is chosen on the test part",
        "train.py",
        'data.load(workspace, "train", reader="train")',
        'data.load(workspace, "test", reader="evaluate").assign(fold=lambda t: t.index % 4)',
        "tests/test_model.py::test_choices_do_not_come_from_the_test_part",
    ),
    Mistake(
        "a rotated ranker learns from the fold it scores",
        "evaluate.py",
        "ranker = model.fit(model.candidates()[chosen], table)",
        "ranker = model.fit(model.candidates()[chosen], corpus.table)",
        "tests/test_model.py::test_the_rotation_never_learns_from_the_fold_it_scores",
    ),
    Mistake(
        "a story crosses the folds",
        "data.py",
        "folds.split(articles, articles.publisher, articles.group)",
        "folds.split(articles, articles.publisher, np.arange(len(articles)))",
        "tests/test_data.py::test_no_story_crosses_the_split_or_a_fold",
    ),
    Mistake(
        "stories are not looked for",
        "data.py",
        "SAME_STORY = 0.5",
        "SAME_STORY = 1.5",
        "tests/test_data.py::test_no_story_crosses_the_split_or_a_fold",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        "for part in data.PARTS]\n",
        'for part in (*data.PARTS, "test")][:2]\n',
        "tests/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "labels are shuffled and the score is kept",
        "evaluate.py",
        "= informed_scores, blind_scores",
        "= corpus.table.label.to_numpy()[rows], blind_scores",
        "tests/test_model.py::test_the_scores_of_a_fold_do_not_depend_on_its_own_labels",
    ),
    Mistake(
        "labels are shuffled before the fit",
        "model.py",
        "goal.to_numpy())",
        "goal.sample(frac=1, random_state=0).to_numpy())",
        "tests/test_model.py::test_every_candidate_learns_which_sentences_are_best",
    ),
    Mistake(
        "the answer is among the features",
        "model.py",
        "features.describe(source, headline, budget).assign(\n",
        "features.describe(source, headline, budget).assign(\n            like_headline=labels,\n",
        "tests/test_model.py::test_the_label_is_no_feature",
    ),
    Mistake(
        "the reference stays in the source",
        "data.py",
        "return reference, source",
        "return reference, [reference, *source]",
        "tests/test_data.py::test_the_reference_is_not_left_in_the_source",
    ),
    Mistake(
        "the summary is not cut",
        "model.py",
        "return words.cut(taken, budget)",
        'return " ".join(taken)',
        "tests/test_model.py::test_every_method_gets_the_same_length",
    ),
    Mistake(
        "ROUGE is of another kind",
        "words.py",
        "STEMMED_FROM = 4",
        "STEMMED_FROM = 1",
        "tests/test_words.py::test_scores_are_those_of_the_pinned_scorer",
    ),
    Mistake(
        "a report quotes a publisher's text",
        "evaluate.py",
        '"link": article.link,',
        '"link": article.reference,',
        "tests/test_pipeline.py::test_twenty_worst_errors_are_kept_without_a_word_of_their_texts",
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
    done = python(generated, copy, "-m", "text_summarizer", "all", "--sample")
    assert done.returncode == 0, done.stderr
    assert python(generated, copy, "-m", "pytest", up_to_date).returncode == 0
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(
        re.sub(r"\*\*ROUGE-1 gain over Lead-30 0\.\d+", "**ROUGE-1 gain over Lead-30 0.999", text),
        encoding="utf-8",
    )
    done = python(generated, copy, "-m", "pytest", up_to_date)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
