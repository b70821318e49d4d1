"""Rubrics that others grade by: what of one a repository shows, and what only its author can add.

The rubrics are data (`rubrics/*.toml`), each point with the evidence that it needs. Nothing is
executed; a point without evidence here cannot be seen, and is the author's to make.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from scaffold.checks.checkout import Checkout
from scaffold.checks.review import review
from scaffold.errors import UnknownName

EVIDENCE = "evidence"


@dataclass(frozen=True)
class Level:
    """So many points for what is asked, given where all the evidence is there."""

    points: float
    asks: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric; `yours` is what no program can add."""

    name: str
    levels: tuple[Level, ...]
    most: float
    section: str = ""
    yours: str = ""


@dataclass(frozen=True)
class Rubric:
    """A rubric: where its text stands, what to know first, and how points become a total."""

    name: str
    title: str
    source: str
    note: str
    weakest: bool  # the total is that of the weakest section
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Judged:
    """What a repository shows of one criterion."""

    criterion: Criterion
    points: float
    shows: tuple[str, ...]
    lacks: tuple[str, ...]  # for the next points that evidence can give


@dataclass(frozen=True)
class Score:
    """A repository beside a rubric."""

    rubric: Rubric
    repository: str
    judged: tuple[Judged, ...]

    @property
    def total(self) -> float:
        return self._total([(one.criterion.section, one.points) for one in self.judged])

    @property
    def most(self) -> float:
        return self._total([(one.criterion.section, one.criterion.most) for one in self.judged])

    @property
    def sections(self) -> dict[str, float]:
        """The points of each section."""
        found: dict[str, float] = {}
        for one in self.judged:
            name = one.criterion.section
            found[name] = found.get(name, 0) + one.points
        return found

    def _total(self, points: list[tuple[str, float]]) -> float:
        if not self.rubric.weakest:
            return sum(number for _, number in points)
        names = {name for name, _ in points}
        return min(sum(number for other, number in points if other == name) for name in names)


def names() -> list[str]:
    """The rubrics that there are."""
    files = (path.name for path in (resources.files(__package__) / "rubrics").iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name != f"{EVIDENCE}.toml")


def read(name: str) -> Rubric:
    """A rubric by its name; UnknownName where there is none."""
    if name not in names():
        raise UnknownName("rubric", name, names())
    table = _table(name)
    criteria = []
    for entry in table["criteria"]:
        given = ({**one, "evidence": tuple(one["evidence"])} for one in entry["levels"])
        levels = tuple(Level(**one) for one in given)
        most = table.get("worth") or max(level.points for level in levels)
        criteria.append(Criterion(**{**entry, "levels": levels, "most": most}))
    weakest = table["total"] == "weakest section"
    return Rubric(name, table["title"], table["source"], table["note"], weakest, tuple(criteria))


def judge(rubric: Rubric, checkout: Checkout) -> Score:
    """What the repository shows of each criterion."""
    found = _Finder(checkout)
    judged = tuple(_judged(criterion, found) for criterion in rubric.criteria)
    return Score(rubric, checkout.root.resolve().name, judged)


def evidence() -> dict[str, dict[str, Any]]:
    """What each kind of evidence is, by the names that the rubrics use."""
    return _table(EVIDENCE)


def _judged(criterion: Criterion, found: _Finder) -> Judged:
    reached = [level for level in criterion.levels if level.evidence and found.all(level)]
    points = max((level.points for level in reached), default=0)
    shows = [name for level in reached for name in level.evidence]
    above = [level for level in criterion.levels if level.points > points and level.evidence]
    lacks = [name for level in above[:1] for name in level.evidence if not found.one(name)]
    return Judged(criterion, points, *(_words(names) for names in (shows, lacks)))


def _words(found: list[str]) -> tuple[str, ...]:
    return tuple(evidence()[name]["words"] for name in dict.fromkeys(found))


class _Finder:
    """Looks for evidence in one repository, for each piece once."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self._known: dict[str, bool] = {}

    def all(self, level: Level) -> bool:
        return all(self.one(name) for name in level.evidence)

    def one(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = self._look(evidence()[name])
        return self._known[name]

    def _look(self, piece: Mapping[str, Any]) -> bool:
        if "check" in piece:
            return piece["check"] in self._passing
        if "result" in piece:
            return bool(self._result(piece["result"]))
        files = self._files(tuple(piece["file"]))
        if "says" not in piece:
            return bool(files)
        wanted = re.compile(piece["says"])
        return any(wanted.search(self.checkout.text(path) or "") for path in files)

    def _files(self, patterns: tuple[str, ...]) -> list[str]:
        from pathspec import GitIgnoreSpec

        spec = GitIgnoreSpec.from_lines(patterns)
        return [path for path in self.checkout.tracked if spec.match_file(path)]

    def _result(self, key: str) -> Any:
        """A value of the committed results; None where they were made from the sample."""
        found: Any = self.checkout.metrics
        if self.checkout.from_sample:
            return None
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    @functools.cached_property
    def _passing(self) -> frozenset[str]:
        findings = review(self.checkout.root).findings
        return frozenset(finding.check for finding in findings if finding.passed)


@functools.cache
def _table(name: str) -> dict[str, Any]:
    place = resources.files(__package__) / "rubrics" / f"{name}.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


# -- how a score reads --------------------------------------------------------------------------


def as_dict(score: Score) -> dict[str, Any]:
    """For `--json`."""
    return {
        "rubric": score.rubric.name,
        "source": score.rubric.source,
        "note": score.rubric.note,
        "repository": score.repository,
        "points": score.total,
        "most": score.most,
        "sections": score.sections if score.rubric.weakest else {},
        "criteria": [
            {
                "section": one.criterion.section,
                "name": one.criterion.name,
                "points": one.points,
                "most": one.criterion.most,
                "shows": list(one.shows),
                "lacks": list(one.lacks),
                "yours": one.criterion.yours,
            }
            for one in score.judged
        ],
    }


def as_text(score: Score) -> str:
    """For a terminal."""
    from scaffold.checks.showing import filled

    rubric = score.rubric
    parts = [_headline(score), filled("  ", rubric.note), filled("  ", f"Source: {rubric.source}")]
    section = ""
    for one in score.judged:
        if one.criterion.section != section:
            section = one.criterion.section
            points = f": {score.sections[section]:g}" if rubric.weakest else ""
            parts += ["", f"{section}{points}"]
        parts += ["", f"{one.points:g}/{one.criterion.most:g}  {one.criterion.name}"]
        rows = [("shows", "; ".join(one.shows))]
        if one.points < one.criterion.most:
            rows += [("lacks", "; ".join(one.lacks)), ("yours", one.criterion.yours)]
        parts += [filled(f"      {label}  ", text) for label, text in rows if text]
    return "\n".join(parts)


def as_markdown(score: Score) -> str:
    """A table, for a page."""
    rows = ["| criterion | points | the repository shows | missing, or yours to add |"]
    rows.append("| --- | ---: | --- | --- |")
    for one in score.judged:
        open_end = one.points < one.criterion.most
        more = " ".join(
            [*([f"Missing: {'; '.join(one.lacks)}."] if one.lacks else []), one.criterion.yours]
        )
        name = ": ".join(filter(None, (one.criterion.section, one.criterion.name)))
        cells = (name, f"{one.points:g} of {one.criterion.most:g}", "; ".join(one.shows) or "–")
        rows.append(f"| {' | '.join(cells)} | {more.strip() if open_end else ''} |")
    head = f"**{_headline(score)}**\n\n{score.rubric.note}\n\nSource: {score.rubric.source}\n\n"
    return head + "\n".join(rows)


def _headline(score: Score) -> str:
    total = f"{score.total:g} of {score.most:g}"
    kind = " (the weakest section)" if score.rubric.weakest else ""
    return f"{score.rubric.title}: {score.repository} shows {total}{kind}"
