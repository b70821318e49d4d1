"""Passwords, keys and tokens in files and in history, found by detect-secrets.

Content is what is scanned, each once: git names every content by its digest, so the same one in
a hundred commits costs one reading, and what was found clean is remembered in `.git` and never
read again. Nothing is sent anywhere to find out whether a token still works.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.checks.checkout import Checkout
from scaffold.git import Blob

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

LARGEST = 1_000_000  # bytes of one file; longer ones are data
QUICK = 10_000_000  # bytes of unread history in one check; --deep and publish read all
# Entropy and public addresses call every digest and every server a secret.
TOO_EAGER = {"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector"}
# `password: ...` is a secret in code and a sentence in an e-mail.
WORDS = "KeywordDetector"
PLACEHOLDER = re.compile(
    r"(your|my|some|change|example|dummy|fake)[\w-]*|(user(name)?|pass(word|wd)?|secret|token|key)"
    r"|x+|\*+|\.+|<.*>",
    re.IGNORECASE,
)
BASELINE = ".secrets.baseline"


@dataclass(frozen=True)
class Secret:
    """Where a secret stands; never the secret itself."""

    path: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.path} line {self.line}: {self.kind}"


@dataclass(frozen=True)
class Search:
    """What was found, and whether everything was read."""

    secrets: tuple[Secret, ...]
    complete: bool = True


def in_files(checkout: Checkout) -> Search:
    """Secrets in the tracked files as they lie on disk."""
    known = _Known(checkout)
    found: list[Secret] = []
    for path in checkout.tracked:
        blob = checkout.unchanged.get(path)
        if blob in known.clean or checkout.size(path) > LARGEST:
            continue
        text = checkout.text(path)
        secrets = list(scan(path, text, known.accepted)) if text else []
        found += secrets
        if blob and not secrets:
            known.add(blob)
    known.save()
    return Search(tuple(found))


def in_history(checkout: Checkout) -> Search:
    """Secrets in anything that a branch or a tag has ever held and the files hold no more."""
    if checkout.repository is None:
        return Search(())
    known = _Known(checkout)
    here = set(checkout.unchanged.values())
    unread = [
        blob
        for blob in checkout.history
        if blob.id not in known.clean and blob.id not in here and blob.size <= LARGEST
    ]
    found: list[Secret] = []
    budget = None if checkout.whole_history else QUICK
    batches = list(_batches(unread, budget))
    for batch in batches:
        for blob, content in checkout.repository.contents(batch):
            secrets = [] if b"\0" in content[:8192] else _scan_bytes(blob, content, known)
            found += secrets
            if not secrets:
                known.add(blob.id)
    known.save()
    return Search(tuple(found), complete=sum(map(len, batches)) == len(unread))


def scan(path: str, text: str, accepted: Iterable[str] = ()) -> Iterator[Secret]:
    """The secrets in one text; `accepted` holds digests that the author audited as harmless."""
    from detect_secrets.core.potential_secret import PotentialSecret
    from detect_secrets.settings import default_settings

    lines = text.splitlines()
    is_data = path.startswith("data/") or path.endswith((".csv", ".tsv", ".jsonl", ".ipynb"))
    with default_settings():
        for plugin in _plugins():
            name = type(plugin).__name__
            if is_data and name == WORDS:
                continue
            for number in _suspects(plugin, text):
                line = lines[number - 1] if number <= len(lines) else ""
                candidates: set[PotentialSecret] = plugin.analyze_line(path, line, number)
                for secret in candidates:
                    value = secret.secret_value or ""
                    if secret.secret_hash in accepted or _is_harmless(path, line, value, name):
                        continue
                    yield Secret(path, number, secret.type)


def _scan_bytes(blob: Blob, content: bytes, known: _Known) -> list[Secret]:
    return list(scan(blob.path, content.decode("utf-8", errors="replace"), known.accepted))


def _suspects(plugin: BasePlugin, text: str) -> list[int]:
    """The lines that one of a plugin's own patterns matches: most texts match none."""
    numbers = set()
    for pattern in _patterns(plugin):
        for match in pattern.finditer(text):
            numbers.add(text.count("\n", 0, match.start()) + 1)
            numbers.add(text.count("\n", 0, match.end()) + 1)
    return sorted(numbers)


def _patterns(plugin: Any) -> Sequence[re.Pattern[str]]:
    if type(plugin).__name__ == WORDS:
        return (_keyword_pattern(),)
    return tuple(plugin.denylist)


@cache
def _keyword_pattern() -> re.Pattern[str]:
    from detect_secrets.plugins.keyword import DENYLIST

    return re.compile("|".join(DENYLIST), re.IGNORECASE)


@cache
def _plugins() -> tuple[BasePlugin, ...]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    classes: Iterable[Any] = get_mapping_from_secret_type_to_class().values()
    return tuple(kind() for kind in classes if kind.__name__ not in TOO_EAGER)


def _is_harmless(path: str, line: str, value: str, plugin: str) -> bool:
    """detect-secrets' own heuristics, and words that stand for a secret."""
    from detect_secrets.filters import allowlist, heuristic
    from detect_secrets.util.code_snippet import get_code_snippet

    if allowlist.is_line_allowlisted(path, line, get_code_snippet([line], 1)):
        return True
    if heuristic.is_templated_secret(value) or heuristic.is_prefixed_with_dollar_sign(value):
        return True
    if len(value) < 24 and PLACEHOLDER.fullmatch(value):
        return True
    return plugin == WORDS and (
        heuristic.is_sequential_string(value)
        or heuristic.is_indirect_reference(line)
        or heuristic.is_not_alphanumeric_string(value)
        or " " in value.strip()
    )


class _Known:
    """What earlier searches found clean, and what the author audited."""

    def __init__(self, checkout: Checkout) -> None:
        self.accepted = _audited(checkout)
        self._rules = _rules(self.accepted)
        folder = checkout.repository.private_folder() if checkout.repository else None
        self._file: Path | None = folder / "secrets.json" if folder else None
        self.clean = self._load()
        self._before = len(self.clean)

    def add(self, blob: str) -> None:
        self.clean.add(blob)

    def save(self) -> None:
        if self._file is None or len(self.clean) == self._before:
            return
        self._file.parent.mkdir(exist_ok=True)
        kept = {"rules": self._rules, "clean": sorted(self.clean)}
        beside = self._file.with_suffix(".partial")
        beside.write_text(json.dumps(kept), encoding="utf-8")
        beside.replace(self._file)

    def _load(self) -> set[str]:
        try:
            kept = json.loads((self._file or Path()).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return set()
        return set(kept["clean"]) if kept.get("rules") == self._rules else set()


def _rules(accepted: Iterable[str]) -> str:
    """Changes whenever another scan might find something else."""
    words = [metadata.version("detect-secrets"), *sorted(TOO_EAGER), PLACEHOLDER.pattern]
    return hashlib.sha256("\n".join([*words, *sorted(accepted)]).encode()).hexdigest()


def _audited(checkout: Checkout) -> frozenset[str]:
    """Digests that `detect-secrets audit` marked as no secret."""
    try:
        baseline = json.loads(checkout.text(BASELINE) or "{}")
    except ValueError:
        return frozenset()
    entries = (entry for found in baseline.get("results", {}).values() for entry in found)
    return frozenset(e["hashed_secret"] for e in entries if e.get("is_secret") is False)


def _batches(blobs: Sequence[Blob], budget: int | None) -> Iterator[list[Blob]]:
    """Blobs in groups of some megabytes, up to a budget of bytes."""
    batch: list[Blob] = []
    size = total = 0
    for blob in blobs:
        total += blob.size
        if budget is not None and total > budget:
            break
        batch.append(blob)
        size += blob.size
        if size > 8_000_000:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
