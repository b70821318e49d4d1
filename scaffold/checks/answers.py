"""ST and HO: are the prompts answered by a person who looked at this run, and the attempts kept?

A generated project frames each prompt with `<!-- yours:NAME -->` and `<!-- /yours:NAME -->`; what
stands between the two, once the prompt itself is gone, is the author's answer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

from scaffold.checks.checkout import PROMPT, Checkout, parse
from scaffold.checks.document import without_comments
from scaffold.checks.honest import Honest
from scaffold.checks.story import WORD, Story, known_to
from scaffold.checks.verdict import PASSES, Check, Verdict, listing

FRAMED = re.compile(
    r"<!-- yours:(?P<name>[\w-]+) -->\n(?P<text>.*?)<!-- /yours:(?P=name) -->", re.DOTALL
)
ENOUGH = 12  # words of an answer in a sentence
ENOUGH_FOR_A_NAME = 2  # "a help desk" says who
ABOUT_THIS_RUN = ("meaning", "worst-error", "errors")  # these ask what the numbers say
DECISION = "decision"
REPEATS = 0.5  # distinct words of an answer, at least this share
ALIKE = 0.9  # two answers that share so much are one
ATTEMPTS = 3
REASON = 3  # words of a reason for an attempt
LOG, HEAD = "experiments/log.jsonl", "experiments/head.json"
NAMES_AN_ATTEMPT = re.compile(r"(?:attempts?|number|no\.?|№|#)\s*#?(\d+)", re.IGNORECASE)
# Words that any report on any model holds: they say nothing of this one.
ANYWHERE = frozenset(
    WORD.findall(
        """
        about accuracy after again almost also always another are attempt attempts average
        baseline because been before best better both classes correct could data difference does
        each error errors every example examples false feature features from good great have high
        higher into just kind kinds large less like look made make many mean means method mistake
        mistakes model models more most much names number numbers only other others over part
        people perfect predict predicted prediction predictions problem project quite rather
        really result results right row rows same score scores second should shows simple small
        some something test than that their them then there these they thing things think this
        those train training true truth under used value values very well were what when where
        which while will with without word words work works worse worst would wrong your
        """
    )
)


@dataclass(frozen=True)
class Answer:
    """What an author wrote in place of a prompt."""

    page: str
    prompt: str
    text: str

    @property
    def words(self) -> list[str]:
        return [word.lower() for word in WORD.findall(self.text)]

    def __str__(self) -> str:
        return f"{self.page}: {self.prompt}"


class ST111(Story):
    """Every answer to a prompt is an answer, and those on the results speak of this run."""

    reason = "A sentence that fits every project says that its author did not look at this one."
    fix = "Say it in sentences of your own, with a number, a row or a slice of this run in them."

    def judge(self, checkout: Checkout) -> Verdict:
        found = list(answers(checkout))
        if not found:
            return None
        faults = [f"{answer} {fault}" for answer in found for fault in _faults(checkout, answer)]
        faults += [
            f"{second} says what {first.prompt} says"
            for first, second in combinations(found, 2)
            if SequenceMatcher(None, first.text, second.text).ratio() > ALIKE
        ]
        return listing(faults)


class ST112(Story):
    """Three attempts are on record, one of them given up, each with its reason."""

    reason = "What was tried and did not help shows the work; a single run shows a download."
    fix = 'Try something on the training set: `python -m PACKAGE try "why" --set table.key=value`.'

    def judge(self, checkout: Checkout) -> Verdict:
        lines = _record(checkout)
        if lines is None:
            return None
        tried = [line for line in lines if line["number"]]
        if len(tried) < ATTEMPTS:
            return f"{len(tried)} of {ATTEMPTS} attempts are on record"
        if all(line["verdict"] == "better" for line in tried):
            return "none was given up: every attempt is called better than the best before"
        return listing(
            f"attempt {line['number']} has no reason: {line['why']!r}"
            for line in tried
            if len(WORD.findall(line["why"])) < REASON
        )


class ST113(Story):
    """What was decided names the attempt that it rests on."""

    reason = "A decision without the evidence for it cannot be asked about."
    fix = "Name the attempt by its number under *What I tried* in REPORT.md: attempt 2, because ..."

    def judge(self, checkout: Checkout) -> Verdict:
        lines = _record(checkout)
        decided = [answer for answer in answers(checkout) if answer.prompt == DECISION]
        if lines is None or not decided:
            return None
        known = {line["number"] for line in lines}
        named = {int(number) for number in NAMES_AN_ATTEMPT.findall(decided[0].text)}
        if not named:
            return f"{decided[0]} names no attempt"
        return listing(f"there is no attempt {number}" for number in sorted(named - known))


class HO308(Honest):
    """No attempt was taken out of the record, or changed in it."""

    reason = "A record that can be edited shows the attempts that its author likes."
    fix = "Bring experiments/log.jsonl and head.json back with git; attempts are only added."

    def judge(self, checkout: Checkout) -> Verdict:
        text = checkout.text(LOG)
        if text is None:
            return f"{HEAD} is here, {LOG} is not" if checkout.file(HEAD) else None
        lines, before = text.split("\n")[:-1], ""
        for number, line in enumerate(lines):
            entry = parse(line)
            if not isinstance(entry, dict) or entry.get("number") != number:
                return f"line {number + 1} is not attempt {number}"
            if entry.get("previous") != before:
                return f"attempt {number} does not follow on the one before it"
            before = hashlib.sha256(line.encode()).hexdigest()
        if parse(checkout.text(HEAD) or "") != {"attempts": len(lines), "sha256": before}:
            return f"{HEAD} knows of another last attempt"
        return PASSES if _follows_on_history(checkout, text) else f"{LOG} held other lines once"


def answers(checkout: Checkout) -> Iterator[Answer]:
    """The answers of a generated project; a frame in which the prompt still stands holds none."""
    if not checkout.is_generated:
        return
    for page, document in checkout.documents.items():
        for match in FRAMED.finditer(document.text):
            if not PROMPT.search(match["text"]):
                text = without_comments(match["text"]).strip()
                yield Answer(page, match["name"], text)


def _faults(checkout: Checkout, answer: Answer) -> Iterator[str]:
    words = answer.words
    enough = ENOUGH_FOR_A_NAME if answer.prompt == "audience" else ENOUGH
    if len(words) < enough:
        yield f"has {len(words)} words"
    elif len(words) >= ENOUGH and len(set(words)) < REPEATS * len(words):
        yield "repeats its words"
    elif answer.text.endswith("?"):
        yield "ends in a question"
    elif answer.prompt in ABOUT_THIS_RUN and not _speaks_of(checkout, answer):
        yield "names no number, slice or row of this run"


def _speaks_of(checkout: Checkout, answer: Answer) -> bool:
    """Whether an answer holds a number of the results, or a word that only they have."""
    metrics = checkout.metrics
    if metrics is None:
        return True
    document = checkout.documents[answer.page]
    if any(known_to(metrics, number) for number in document.numbers(answer.text, 1)):
        return True
    cells = json.dumps([metrics.get("tables"), metrics.get("baselines")], ensure_ascii=False)
    known = {word.lower() for word in WORD.findall(cells) if len(word) > 3} - ANYWHERE
    return bool(known & set(answer.words))


def _record(checkout: Checkout) -> list[dict[str, Any]] | None:
    """The lines of the log that can be read; None where the project knows no attempts."""
    text = checkout.text(LOG)
    if text is None:
        return [] if checkout.is_generated and "EXPERIMENTS.md" in checkout.files else None
    kinds = {"number": int, "why": str, "verdict": str}
    entries = (entry for entry in map(parse, text.splitlines()) if isinstance(entry, dict))
    return [
        entry
        for entry in entries
        if all(isinstance(entry.get(key), kind) for key, kind in kinds.items())
    ]


def _follows_on_history(checkout: Checkout, text: str) -> bool:
    """Whether every version of the log that was committed is how this one begins.

    Attempts on the sample make room for those on the data: their log is kept beside.
    """
    repository = checkout.repository
    if repository is None:
        return True
    aside = checkout.text("experiments/sample-log.jsonl") or ""
    _, commits = repository.attempt("rev-list", "HEAD", "--", LOG)
    versions = (repository.read(commit, LOG) or "" for commit in commits.split())
    return all(text.startswith(found) or aside.startswith(found) for found in versions)


CHECKS: tuple[type[Check], ...] = (ST111, ST112, ST113, HO308)
