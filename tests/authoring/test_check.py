"""Each claim about a template fails when it is false, and says where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.authoring import check as authoring
from scaffold.authoring import start
from scaffold.authoring.check import CHECKS, Check, Line, World
from scaffold.authoring.subject import Subject
from scaffold.errors import TemplateError
from scaffold.reporter import Silent

QUICK = [each for each in CHECKS if not each.slow]
TEMPLATE, PLANTED, SOLUTIONS = "templates/mine", "tests/planted/mine.py", "tests/challenges/mine"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one template, just begun."""
    top = tmp_path_factory.mktemp("begun")
    start.from_family("mine", top, "tabular")
    return top


@pytest.fixture
def top(begun: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(begun, tmp_path / "top"))


def look(top: Path, *checks: Check) -> list[Line]:
    told: list[Line] = []
    subject = Subject.at(top / TEMPLATE)
    lines = authoring.check(subject, Silent(), told.append, checks=checks)
    assert told == lines
    return lines


def _named(claim: str) -> Check:
    (found,) = [each for each in CHECKS if claim in each.claim]
    return found


def spoil(top: Path, path: str, old: str, new: str) -> None:
    file = top / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_template_just_begun_is_all_that_can_be_seen_without_a_run(begun: Path) -> None:
    assert [line for line in look(begun, *QUICK) if line.verdict != "passed"] == []


CODE = f"{TEMPLATE}/src/project_package"
SPOILT = [
    ("what it is", f"{TEMPLATE}/template.toml", "minutes = 2", "minutes = 0", "minutes: measure"),
    ("what it is", f"{TEMPLATE}/template.toml", "gate = ", "gates = {}\n# ", "Target lacks"),
    ("what it is", f"{TEMPLATE}/template.toml", "stretch = 0.0", "stretch = 1.0", "short of gate"),
    (
        "awkward names",
        f"{CODE}/model.py",
        "\nimport ",
        "\nimport scaffold\nimport ",
        "import scaffold",
    ),
    ("awkward names", f"{CODE}/explore.py", "def ", "def def ", "invalid syntax"),
    ("clean", f"{CODE}/explore.py", "\n\n", "\n\nimport json\n\n", "F401"),
    ("clean", f"{CODE}/explore.py", " = ", "  =  ", "explore.py:"),
    ("half an hour", f"{CODE}/explore.py", "\n", "\nx = 1" * 1200 + "\n", "lines; 1,200"),
    (
        "which level",
        f"{TEMPLATE}/README.md.jinja",
        '{% extends "_base/README.md.jinja" %}',
        "",
        "gives",
    ),
    ("false", f"{TEMPLATE}/template.toml", 'summary = "', 'summary = "It beats all. ', "beats"),
    ("practised", f"{TEMPLATE}/practice.toml", 'name = "', 'name = "no-', "marked nowhere"),
    ("practised", f"{TEMPLATE}/practice.toml", 'name = "', 'name = "no-', "and not listed"),
    ("three levels", f"{TEMPLATE}/challenges.toml", 'where = "', 'where = "no', "has no"),
    ("three levels", f"{TEMPLATE}/challenges.toml", 'hint = "', 'hunt = "', "hint"),
    ("solution", f"{SOLUTIONS}/street.patch", "-BODY_LIMIT", "-BODY_LEMIT", "street: git apply"),
    ("listed", PLANTED, "folds.split(sales, groups=sales.house)", "folds.cut()", "stands 0 times"),
    ("listed", PLANTED, "MISTAKES = (", "MISTAKES = (1 / 0,", "ZeroDivisionError"),
    ("listed", PLANTED, "MISTAKES = (", "MISTAKES = ()\nX = (", "0 of 8"),
]


@pytest.mark.parametrize(
    ("claim", "path", "old", "new", "fault"),
    SPOILT,
    ids=[f"{claim}: {fault}" for claim, _, _, _, fault in SPOILT],
)
def test_a_claim_that_is_false_is_said_with_its_place(
    top: Path, claim: str, path: str, old: str, new: str, fault: str
) -> None:
    spoil(top, path, old, new)
    (line,) = look(top, _named(claim))
    assert line.verdict == "failed"
    assert line.todo
    assert any(fault in each for each in line.faults), line.faults


def test_a_solution_that_is_missing_or_left_over_is_found(top: Path) -> None:
    (top / SOLUTIONS / "street.patch").rename(top / SOLUTIONS / "avenue.patch")
    (line,) = look(top, _named("solution"))
    assert {"street: none", "avenue: no such challenge"} <= set(line.faults)


def test_a_template_without_a_sample_or_with_too_large_a_one_is_found(top: Path) -> None:
    sample = top / TEMPLATE / "data" / "sample"
    (sample / "more.bin").write_bytes(bytes(6_000_000))
    (line,) = look(top, _named("brings a sample"))
    assert line.faults[0].endswith("5 are the most")
    shutil.rmtree(sample)
    data = top / CODE / "data.py"
    data.write_text(data.read_text("utf-8").replace("sample", "other"), encoding="utf-8")
    (line,) = look(top, _named("brings a sample"))
    assert line.verdict == "failed"


def test_a_fact_that_stands_nowhere_is_found(top: Path) -> None:
    facts = Subject.at(top / TEMPLATE).papers.facts
    facts.parent.mkdir(parents=True, exist_ok=True)
    facts.write_text('"nowhere said" = "by design"\n', encoding="utf-8")
    (line,) = look(top, _named("false"))
    assert line.faults == ("mine.toml: 'nowhere said' stands nowhere",)


def test_too_many_prompts_are_found(top: Path) -> None:
    prompts = "".join(f"> **Yours to write — a{n}:** what?\n\n" for n in range(13))
    (top / TEMPLATE / "NOTES.md").write_text(prompts, encoding="utf-8")
    (line,) = look(top, _named("prompts"))
    assert "1 to 12 are right" in line.faults[0]


def test_what_rests_on_a_run_that_failed_is_not_looked_at(begun: Path) -> None:
    def fails(world: World) -> list[str]:
        return ["broken"]

    first, second = (each for each in CHECKS if each.slow)
    failing = Check(first.claim, fails, "mend it", slow=True)
    assert [line.verdict for line in look(begun, failing, second)] == ["failed", "not looked at"]


def test_a_quick_check_runs_nothing(begun: Path) -> None:
    slow = [each for each in CHECKS if each.slow]
    subject = Subject.at(begun / TEMPLATE)
    lines = authoring.check(subject, Silent(), print, quick=True, checks=slow)
    assert {line.verdict for line in lines} == {"not looked at"}


def test_a_folder_that_is_no_template_is_told(here: Path) -> None:
    with pytest.raises(TemplateError, match=r"holds no template\.toml"):
        Subject.at(here)


def test_the_command_ends_with_three_where_something_is_wrong(
    begun: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Callable[..., Any]
) -> None:
    good = Check("all is well", lambda _: [], "nothing")
    bad = Check("none is well", lambda _: ["a fault"], "mend it")
    monkeypatch.setattr(authoring.check, "__kwdefaults__", {"quick": False, "checks": (good,)})
    called = scaffold("template", "check", begun / TEMPLATE)
    assert (called.code, called.out.splitlines()[0]) == (0, "ok      all is well")
    assert "files are those of house-prices yet" in called.out
    monkeypatch.setattr(authoring.check, "__kwdefaults__", {"quick": False, "checks": (good, bad)})
    called = scaffold("template", "check", begun / TEMPLATE)
    assert called.code == 3
    assert "FAILED  none is well\n        a fault\n        → mend it\n" in called.out
    called = scaffold("template", "check", begun / TEMPLATE, "--json")
    assert called.code == 3
    assert [line["verdict"] for line in json.loads(called.out)] == ["passed", "failed"]
