"""A commit a step: what `run --commit` puts into the history, and what it leaves to the author."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from scaffold import git, results
from scaffold.errors import GitError
from scaffold.plain import one_line
from scaffold.reporter import Reporter
from scaffold.running import fingerprint
from scaffold.updating import apply

WRITTEN = (
    "README.md", "REPORT.md", "MODEL_CARD.md", "EXPERIMENTS.md", "data/README.md",
    "data/manifest.json", "data/access.jsonl", "experiments", "notebooks", "reports",
    "requirements.lock",
)  # fmt: skip
"""Where steps write; what changes elsewhere while one runs is the author's."""

TITLES = {
    "environment": "Pin the version of every package",
    "data": "Get the data and split them",
    "explore": "Look at the training set",
    "train": "Train the model",
    "evaluate": "Measure the model on the test set",
    "report": "Write the results into the write-up",
    "tests": "Run the tests",
}
LONGEST = 72  # characters of a subject that git shows whole
MARKED = re.compile(r"(<!-- result:([\w-]+) -->).*?(<!-- /result:\2 -->)", re.DOTALL)


class Commits:
    """Commits what each step of a run wrote; made before the first."""

    def __init__(self, root: Path, reporter: Reporter) -> None:
        """Refuses a repository with staged changes, or in the middle of a merge."""
        self._root = root
        self._reporter = reporter
        self._repository = git.Repository.open(root)
        apply.refuse_in_progress(self._repository)
        if staged := self._repository.staged():
            more = f" and {len(staged) - 3} more" if len(staged) > 3 else ""
            raise GitError(
                f"There are staged changes, of which --commit would know nothing: "
                f"{', '.join(staged[:3])}{more}.",
                "Commit them, or unstage them: git restore --staged .",
            )
        self._who = git.identity(root)
        self._before = self._written()

    def after(self, step: str, makes: tuple[str, ...], detail: str) -> None:
        """Commit what a step has changed, and what it had made before and nobody committed."""
        now = self._written()
        changed = [
            path
            for path, digest in now.items()
            if self._before.get(path) != digest or _inside(path, makes)
        ]
        own = [path for path in changed if not self._holds_more_than_results(path)]
        for path in sorted(set(changed) - set(own)):
            self._reporter.message(f"  {path} holds changes of your own: commit it yourself.")
        if own:
            self._repository.commit_files(own, self._message(step, detail), self._who)
        self._before = self._written()

    def _written(self) -> Mapping[str, str]:
        """The uncommitted files where steps write, by their contents."""
        return {
            path: fingerprint.digest(self._root, [path])
            for path in self._repository.dirty()
            if _inside(path, WRITTEN)
        }

    def _holds_more_than_results(self, path: str) -> bool:
        """Whether somebody also wrote outside the markers, where no step does."""
        before = self._repository.read("HEAD", path)
        if before is None or not path.endswith(".md") or not (self._root / path).exists():
            return False
        after = (self._root / path).read_text(encoding="utf-8")
        return MARKED.sub(r"\1\3", before) != MARKED.sub(r"\1\3", after)

    def _message(self, step: str, detail: str) -> str:
        """The step and its headline number, in one line if it fits."""
        told = one_line(detail)
        if step in {"evaluate", "report"} and (found := results.read(self._root)):
            told = found.summary() + (", on the small sample" if found.from_sample else "")
        title = TITLES.get(step, f"Run the step {step}")
        line = f"{title}: {told}"
        return line if len(line) <= LONGEST and told else f"{title}\n\n{told}".rstrip()


def _inside(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
