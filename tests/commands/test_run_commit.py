from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.commands import run
from scaffold.errors import GitError, StepFailed, UpdateRefused
from scaffold.project import Project
from scaffold.reporter import Recording
from tests.commands.test_run import own_interpreter as own_interpreter
from tests.factories import git, write_files


def run_project(root: Path, *steps: str, sample: bool = False) -> Recording:
    reporter = Recording()
    run.run(Project.read(root), steps, sample=sample, commit=True, reporter=reporter)
    return reporter


def subjects(root: Path) -> list[str]:
    """What the history says since the project was made, oldest first."""
    return git(root, "log", "--reverse", "--format=%s").splitlines()[1:]


def files(root: Path, revision: str) -> set[str]:
    return set(git(root, "show", "--format=", "--name-only", revision).splitlines())


def state(root: Path) -> tuple[str, str]:
    return git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")


def test_each_step_that_wrote_something_is_a_commit_with_its_number(
    project: Path, identity: None
) -> None:
    run_project(project)
    assert subjects(project) == [
        "Get the data and split them: 3 rows",
        "Look at the training set",
        "Measure the model on the test set",
        "Write the results into the write-up",
    ]
    assert files(project, "HEAD~3") == {"data/manifest.json"}
    assert files(project, "HEAD~2") == {"reports/exploration.json"}
    assert files(project, "HEAD~1") == {"reports/metrics.json"}
    body = git(project, "log", "-1", "--format=%b", "HEAD~1")
    assert body == "Error 0.100 [0.0500, 0.150]; guessing: 0.500"
    assert git(project, "log", "-1", "--format=%an") == "Ada Lovelace"


def test_a_second_run_makes_no_commit(project: Path) -> None:
    run_project(project)
    before = state(project)
    run_project(project)
    assert state(project) == before


def test_what_an_earlier_run_left_is_committed_with_its_step(project: Path) -> None:
    run.run(Project.read(project))
    assert subjects(project) == []
    run_project(project)
    assert len(subjects(project)) == 4
    assert "REPORT.md" in files(project, "HEAD")


def test_a_sample_is_called_one_in_the_history(project: Path) -> None:
    run_project(project, "evaluate", sample=True)
    assert git(project, "log", "-1", "--format=%b").endswith("on the small sample")


def test_changes_of_the_author_stay_as_they_are(project: Path) -> None:
    write_files(project, {"NOTES.md": "Mine.\n", "config.toml": "seed = 2\n"})
    run_project(project)
    assert git(project, "status", "--porcelain", "NOTES.md", "config.toml").split() == [
        "M", "config.toml", "??", "NOTES.md",
    ]  # fmt: skip


def test_a_place_whose_name_only_begins_like_one_is_the_authors(project: Path) -> None:
    write_files(project, {"reports-of-mine/first.md": "Mine.\n", "experiments.txt": "Mine.\n"})
    run_project(project)
    left = git(project, "status", "--porcelain", "--", "experiments.txt", "reports-of-mine")
    assert left.split() == ["??", "experiments.txt", "??", "reports-of-mine/"]


def test_words_of_the_author_beside_the_results_are_left_to_the_author(project: Path) -> None:
    text = "Mine.\n<!-- result:headline -->\n<!-- /result:headline -->\n"
    write_files(project, {"REPORT.md": text})
    git(project, "add", "REPORT.md")
    git(project, "commit", "--quiet", "--message", "Report")
    report = 'from pathlib import Path\n\n\ndef run():\n    path = Path("REPORT.md")\n'
    report += '    path.write_text(path.read_text().replace("-->\\n<", "-->\\n0.1\\n<"))\n'
    write_files(project, {"src/my_project/report.py": report})
    (project / "REPORT.md").write_text(f"More.\n{text}", encoding="utf-8")
    reporter = run_project(project)
    assert "  REPORT.md holds changes of your own: commit it yourself." in reporter.messages
    assert "0.1" in (project / "REPORT.md").read_text(encoding="utf-8")
    assert all("REPORT.md" not in files(project, f"HEAD~{back}") for back in (0, 1))
    (project / "REPORT.md").write_text(text, encoding="utf-8")
    run_project(project)
    assert files(project, "HEAD") == {"REPORT.md"}


def test_staged_changes_are_refused_before_anything_runs(project: Path) -> None:
    write_files(project, {"NOTES.md": "Mine.\n"})
    git(project, "add", "NOTES.md")
    before = state(project)
    with pytest.raises(GitError, match=r"staged changes.*NOTES\.md"):
        run_project(project)
    assert state(project) == before
    assert not (project / "calls.txt").exists()


def test_a_merge_in_progress_is_refused_before_anything_runs(project: Path) -> None:
    (project / ".git" / "MERGE_HEAD").write_text(git(project, "rev-parse", "HEAD") + "\n")
    with pytest.raises(UpdateRefused, match="A merge is in progress"):
        run_project(project)
    assert not (project / "calls.txt").exists()


def test_steps_before_a_failure_are_committed(project: Path) -> None:
    write_files(project, {"src/my_project/evaluate.py": "def run():\n    raise SystemExit(3)\n"})
    with pytest.raises(StepFailed):
        run_project(project)
    assert subjects(project) == ["Get the data and split them: 3 rows", "Look at the training set"]


def test_a_file_with_an_odd_name_is_no_pattern(project: Path) -> None:
    evaluate = (project / "src/my_project/evaluate.py").read_text(encoding="utf-8")
    evaluate += '    Path("reports/[m]ine.txt").write_text("x")\n'
    write_files(project, {"src/my_project/evaluate.py": evaluate, "reports/mine.txt": "x"})
    run_project(project, "evaluate")
    assert files(project, "HEAD") == {"reports/[m]ine.txt", "reports/metrics.json"}
    assert git(project, "status", "--porcelain", "reports") == "?? reports/mine.txt"


def test_a_folder_without_git_is_told_how_to_begin(project: Path) -> None:
    (project / ".git").rename(project / "gone")
    with pytest.raises(GitError, match="not a git repository"):
        run_project(project)


def test_the_command_line_commits(project: Path, scaffold: object) -> None:
    called = scaffold("run", project, "--commit")  # type: ignore[operator]
    assert called.code == 0
    assert len(subjects(project)) == 4
