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

TEMPLATE = "product-recommender"
PACKAGE = Path("src/product_recommender")
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
        "the model is fitted on all rows",
        "train.py",
        "known = train.joined_with(held_out)\n",
        "known = train.joined_with(held_out).joined_with(\n"
        "        data.index(__import__('pandas').read_csv(workspace.processed / 'test.csv'),"
        " films, users)\n    )\n",
        "tests/test_model.py::test_the_saved_model_knows_no_row_of_the_test_part",
    ),
    Mistake(
        "the candidates of the comparison have met the test rows",
        "evidence.py",
        "if served else recipe(known)",
        "if served else recipe(evidence.everything)",
        "tests/test_model.py::test_what_was_drawn_blindly_cannot_be_foretold",
    ),
    Mistake(
        "settings are chosen on the test part",
        "train.py",
        'data.index(data.load(workspace, part, reader="train"), films, users)\n'
        '        for part in ("train", "validation")',
        'data.index(data.load(workspace, part, reader="evaluate"), films, users)\n'
        '        for part in ("train", "test")',
        "tests/test_model.py::test_settings_do_not_depend_on_the_test_part",
    ),
    Mistake(
        "a film listed twice crosses the split",
        "data.py",
        'number = named.groupby(["title", "year"]).film.transform("min")',
        "number = named.film",
        "tests/test_data.py::test_nobody_has_the_same_film_on_both_sides_of_the_split",
    ),
    Mistake(
        "test interactions stand in the training part too",
        "data.py",
        "rows = tables.ratings[part == number]",
        "rows = tables.ratings[(part == number) | ((part == 2) & (number == 0))]",
        "tests/test_manifest.py::test_no_row_is_in_two_parts",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        "    films, users = data.load_films(workspace), data.load_users(workspace)\n",
        "    films, users = data.load_films(workspace), data.load_users(workspace)\n"
        '    data.load(workspace, "test", reader="evaluate")\n',
        "tests/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "films are shuffled and the score is kept",
        "ranking.py",
        "scores = recommender.scores(history[people])",
        "scores = recommender.scores(history[people]) + held_out[people].toarray()",
        "tests/test_model.py::test_shuffled_films_leave_no_candidate_better_than_popularity",
    ),
    Mistake(
        "the sample poses as the data",
        "data.py",
        "sample=sample, counts=counts",
        "sample=False, counts=counts",
        "tests/test_write_up.py::test_a_sample_says_that_it_is_one",
    ),
    Mistake(
        "the rolling evaluation knows the future",
        "protocols.py",
        "yield times < start, (times >= start)",
        "yield times < end, (times >= start)",
        "tests/test_protocols.py::test_no_past_is_younger_than_its_future",
    ),
    Mistake(
        "films that a person has met are recommended again",
        "ranking.py",
        "    open_scores[seen.nonzero()] = -np.inf\n",
        "",
        "tests/test_ranking.py::test_what_a_person_has_met_is_never_recommended",
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
    done = python(generated, copy, "-m", "product_recommender", "all", "--sample")
    assert done.returncode == 0, done.stderr
    assert python(generated, copy, "-m", "pytest", up_to_date).returncode == 0
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(re.sub(r"\*\*NDCG@10 0\.\d+", "**NDCG@10 0.999", text), encoding="utf-8")
    done = python(generated, copy, "-m", "pytest", up_to_date)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
