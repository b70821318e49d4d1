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

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(sys.platform == "win32", reason="OpenSpiel is not for Windows"),
]

TEMPLATE = "game-player"
PACKAGE = Path("src/game_player")
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
        "games are played with one colour only",
        "matches.py",
        "for seat in (0, 1):\n            own",
        "for seat in (0, 0):\n            own",
        "tests/test_matches.py::test_every_opening_is_played_with_both_colours",
    ),
    Mistake(
        "one opening is counted two hundred times",
        "matches.py",
        "    return openings\n",
        "    return openings[:1] * pairs\n",
        "tests/test_matches.py::test_a_match_does_not_count_the_same_game_over_and_over",
    ),
    Mistake(
        "openings are drawn and not played",
        "matches.py",
        "if len(moves) < len(opening):",
        "if len(moves) < 0:",
        "tests/test_matches.py::test_every_game_begins_with_its_opening",
    ),
    Mistake(
        "a draw counts as a win",
        "matches.py",
        "(returns[seat] + 1) / 2",
        "float(returns[seat] >= 0)",
        "tests/test_matches.py::test_perfect_players_score_a_half_against_each_other",
    ),
    Mistake(
        "the searching player's games are reported as the plain player's",
        "evaluate.py",
        'result(learned, "MCTS-100"),\n',
        'result(searching, "MCTS-100"),\n',
        "tests/test_matches.py::test_the_scores_in_the_report_are_those_of_the_games",
    ),
    Mistake(
        "the referee's values are learned from",
        "train.py",
        "        self.done += 1\n",
        "        self.done += 1\n"
        "        self.network.weights[:9] += 0.001 * sum(p.best for p in self.watched)\n",
        "tests/test_model.py::test_no_value_of_the_referee_is_learned_from",
    ),
    Mistake(
        "the test part chooses the run",
        "train.py",
        'validation = data.load(workspace, "validation", reader="train")',
        'validation = data.load(workspace, "test", reader="evaluate")',
        "tests/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
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
        "mirror images cross the split",
        "data.py",
        "for way in game.symmetries())",
        "for way in game.symmetries()[:1])",
        "tests/test_data.py::test_no_mirror_image_crosses_the_split",
    ),
    Mistake(
        "the solver prunes too early",
        "solver.py",
        "if _count(taken) >= CELLS - 2:",
        "if _count(taken) >= CELLS - 6:",
        "tests/test_data.py::test_the_solver_agrees_with_plain_minimax",
    ),
    Mistake(
        "the compiled rules forget ko",
        "rules.py",
        " or point == state[KO]:",
        ":",
        "tests/test_rules.py::test_the_compiled_rules_are_openspiels[go]",
    ),
    Mistake(
        "every run has the same seed",
        "train.py",
        "workspace.seed * 100 + number",
        "workspace.seed * 100",
        "tests/test_model.py::test_runs_differ",
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
    return subprocess.run(
        [str(generated / ".venv" / "bin" / "python"), *words],
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
    done = python(generated, copy, "-m", "game_player", "all", "--sample")
    assert done.returncode == 0, done.stderr
    assert python(generated, copy, "-m", "pytest", up_to_date).returncode == 0
    readme = copy / "README.md"
    text = readme.read_text(encoding="utf-8")
    changed = re.sub(r"\*\*score against MCTS-100 \d\.\d+", "**score against MCTS-100 0.999", text)
    assert changed != text
    readme.write_text(changed, encoding="utf-8")
    done = python(generated, copy, "-m", "pytest", up_to_date)
    assert done.returncode == 1, done.stdout
    assert "README.md is stale" in done.stdout
