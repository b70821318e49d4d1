"""The command line offers what this project has, and no more."""

import re

import pytest

from project_package.kit.commands import main
from project_package.kit.provenance import PACKAGE, study_files


@pytest.fixture
def offered(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """The steps that --help lists."""
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    return set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE))


def test_every_step_that_is_offered_has_its_module(offered: set[str]) -> None:
    always = {"data", "train", "evaluate", "report", "all", "predict", "serve", "monitor", "bench"}
    assert always <= offered
    explores = (PACKAGE / "explore.py").exists()
    assert {"explore", "notebook"} <= offered if explores else not {"explore", "notebook"} & offered
    assert ("study" in offered) == bool(study_files())
    assert ({"retrain", "rollback"} <= offered) == (PACKAGE / "feedback.py").exists()


@pytest.mark.parametrize("word", ["--set=train.nonsense=1", "--set=nonsense"])
def test_a_wrong_setting_ends_in_one_message(word: str, capsys) -> None:
    assert main(["train", word]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert "Traceback" not in printed.err
