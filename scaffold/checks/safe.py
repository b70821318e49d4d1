"""SA: may this be shown to everybody?"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import PASSES, Check, NotRead, Verdict, listing

if TYPE_CHECKING:
    from scaffold.checks.repair import Repair

SMALL_DATA = 5 * 2**20
LICENSED = re.compile(r"licen[cs]e|CC[- ]BY|CC0|public domain|terms of use", re.IGNORECASE)
LARGEST_FILE = 50 * 2**20  # GitHub warns here and refuses from 100 MB on
ENV_FILE = re.compile(r"^\.env(\..+)?$")
ENV_EXAMPLE = re.compile(r"\.(example|sample|template|dist)$")
RAW = re.compile(
    r"(^|/)data/(raw|processed|interim|external)/(?!\.gitkeep$|readme|\.gitignore$)", re.I
)
ROWS = {".csv", ".tsv", ".jsonl", ".parquet", ".feather", ".arrow", ".npz", ".npy", ".xlsx", ".zip",
        ".gz", ".bz2", ".tar", ".sqlite", ".db", ".txt", ".json"}  # fmt: skip
FACTS = {"data/manifest.json", "data/access.jsonl"}
OWN_MAKING = re.compile(r"generated|synthetic|made-up", re.IGNORECASE)
LARGEST_SAMPLE = 5_000_000  # bytes of one sample file that are read for personal data
PERSONAL = {
    "e-mail address": re.compile(r"\b[\w.+-]+@(?P<host>(?:[\w-]+\.)+[A-Za-z]{2,})\b"),
    "telephone number": re.compile(r"(?<![\w.])\+\d{1,3}[ -]\(?\d{2,4}\)?(?:[ -]\d{2,4}){2,3}\b"),
    "US social security number": re.compile(r"\b(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b"),
    "IBAN": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"),
}
NOBODYS_HOST = re.compile(
    r"(^|\.)(example(\.(com|org|net))?|test|invalid|localhost|local)$", re.IGNORECASE
)


class Safe(Check):
    family = "safe"
    weight = 75


class SA401(Safe):
    """No file holds a key or token of a known maker."""

    reason = "Whatever is pushed is read by machines within minutes."
    fix = (
        "Revoke it first, then read it from the environment. Harmless? End the line with "
        "`# pragma: allowlist secret`."
    )
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        return listing(checkout.secrets.certain)


class SA402(Safe):
    """No earlier commit holds a key or token of a known maker."""

    reason = "Deleting a secret in a new commit leaves it in the old one, for everybody to read."
    fix = (
        "Revoke it first; then rewrite the history (git filter-repo), or publish anew from a fresh "
        "repository. Harmless? Mark it with `detect-secrets audit .secrets.baseline`."
    )
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.repository is None:
            return None
        search = checkout.older_secrets
        if search.certain:
            return listing(f"in an earlier version of {secret}" for secret in search.certain)
        return NotRead(search.unread) if search.unread else PASSES


class SA403(Safe):
    """No .env file is tracked."""

    reason = "It is where secrets live; one careless line in it later is public at once."
    fix = "`scaffold check --fix` stops tracking it; keep an .env.example without values."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        return listing(_env_files(checkout))

    def repairs(self, checkout: Checkout) -> list[Repair]:
        from scaffold.checks.repair import untrack_settings

        return untrack_settings(checkout, _env_files(checkout))


class SA404(Safe):
    """No raw or processed data is tracked."""

    reason = "Data are downloaded by the program, from their publisher and under its licence."
    fix = "git rm --cached PATH, once the program fetches it; old commits keep it until rewritten."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        return listing(_raw_data(checkout))


class SA405(Safe):
    """No file, now or in history, is larger than 50 MB."""

    reason = "GitHub warns at 50 MB and refuses at 100 MB, even when only an old commit holds it."
    fix = "Stop tracking it, and take it out of the history with git filter-repo."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        now = {path: checkout.size(path) for path in checkout.tracked}
        by_size = sorted(checkout.history, key=lambda blob: blob.size)  # the largest counts
        then = {f"{blob.path} (in history)": blob.size for blob in by_size
                if blob.size != now.get(blob.path)}  # fmt: skip
        return listing(
            f"{path}: {size / 2**20:.0f} MB"
            for path, size in {**now, **then}.items()
            if size > LARGEST_FILE
        ) or (
            NotRead("earlier versions cannot be read (see PR508)")
            if checkout.history_fault
            else PASSES
        )


class SA406(Safe):
    """No data are tracked whose licence forbids passing them on."""

    reason = "Publishing somebody else's data is a breach that an employer's lawyer will notice."
    fix = "Stop tracking the rows; commit a generated sample with `generated` in its name."
    blocks = True

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.template is None or checkout.template.data.redistribution:
            return None
        rows = (
            path
            for path in checkout.tracked
            if path.startswith("data/") and PurePosixPath(path).suffix in ROWS - {""}
        )
        name = checkout.template.data.name
        return listing(
            f"{path} ({name})" for path in rows if path not in FACTS and not OWN_MAKING.search(path)
        )


class SA408(Safe):
    """The sample holds no personal data, or the data sheet says why it may."""

    reason = "Names and addresses of real people do not belong into a portfolio."
    fix = "Mask them, or write a section `Personal data` in data/README.md that says why they stay."

    def judge(self, checkout: Checkout) -> Verdict:
        samples = [path for path in checkout.tracked if path.startswith("data/sample/")]
        if not samples:
            return None
        sheet = checkout.documents.get("data/README.md")
        if sheet and any("personal data" in heading.text.lower() for heading in sheet.headings):
            return PASSES
        found: Counter[str] = Counter()
        for path in samples:
            if checkout.size(path) <= LARGEST_SAMPLE:
                found.update(f"{path}: {kind}" for kind in _personal(checkout.text(path) or ""))
        return listing(f"{what} ({times}×)" for what, times in found.items())


class SA409(Safe):
    """No line, now or in history, looks like a password."""

    reason = "A password by its name is worth a second look, even where it is only a guess."
    fix = "Real? Change it, and read it from the environment. If not, mark the line as for SA401."

    def judge(self, checkout: Checkout) -> Verdict:
        now = checkout.secrets.guessed
        search = checkout.older_secrets
        then = [f"in an earlier version of {secret}" for secret in search.guessed]
        if now or then:
            return listing([*now, *then])
        return NotRead(search.unread) if search.unread else PASSES


def _env_files(checkout: Checkout) -> list[str]:
    names = ((path, PurePosixPath(path).name) for path in checkout.tracked)
    return [path for path, n in names if ENV_FILE.match(n) and not ENV_EXAMPLE.search(n)]


def _raw_data(checkout: Checkout) -> list[str]:
    """Ours download their data; others may carry a small table whose licence they name."""
    raw = [path for path in checkout.tracked if RAW.search(path)]
    if checkout.is_generated:
        return raw
    told = any(LICENSED.search(page.text) for page in checkout.documents.values())
    return [path for path in raw if not told or checkout.size(path) > SMALL_DATA]


def _personal(text: str) -> list[str]:
    return [
        kind
        for kind, pattern in PERSONAL.items()
        for match in pattern.finditer(text)
        if not NOBODYS_HOST.search(match.groupdict().get("host") or "")
    ]


CHECKS: tuple[type[Check], ...] = (SA401, SA402, SA403, SA404, SA405, SA406, SA408, SA409)
