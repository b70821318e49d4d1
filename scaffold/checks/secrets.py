"""Passwords, keys and tokens in files and in history.

A key in its maker's own format is certain; a word such as `password` beside a value is a guess
(detect-secrets makes it). Content is what is scanned, each once: git names every content by its
digest, so the same one in a hundred commits costs one reading, and what was found clean is
remembered where this user keeps caches, never in the repository, which could bring such a list
along. Nothing is sent anywhere to find out whether a token still works.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from scaffold.checks import secret_formats
from scaffold.checks.checkout import SHALLOW, Checkout
from scaffold.checks.kept import Kept
from scaffold.git import Blob

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

LARGEST = 1_000_000  # bytes of one file; longer ones are data
LARGEST_NOTEBOOK = 20_000_000  # of which pictures are not read
QUICK = 20_000_000  # bytes of history in one check; --deep and publish read all
# `password: ...` is a secret in code and a sentence in an e-mail.
WORDS = "KeywordDetector"
GUESSES = {WORDS, "BasicAuthDetector", "JwtTokenDetector"}
# Words without which a pattern that begins with none matches nothing.
HINTS = {
    "GitLabTokenDetector": ("gl", "GR1348941"),
    "MailchimpDetector": ("-us",),
    "SlackDetector": ("xox", "hooks.slack.com"),
    "StripeDetector": ("k_live_",),
}
PLACEHOLDER = re.compile(
    r"(your|my|some|change|example|dummy|fake)[\w-]*|(user(name)?|pass(word|wd)?|secret|token|key)"
    r"|x+|\*+|\.+|<.*>|null|none|nil|true|false|undefined|~|\d{1,4}",
    re.IGNORECASE,
)
# The name of a secret, where it is kept, how long it is: not the secret.
ABOUT_ONE = re.compile(
    r"(secret|passw(or)?d|pwd|key|pass)[_-]?(name|names|id|ids|path|file|arn|ref|url|uri|type|field"
    r"|env|var|header|length|len|size|count|limit|regex|pattern|prefix|suffix|version|column|rotation"
    r"|manager|scope|store|store_ref|hash|policy|label|hint|prompt|message)[\"'\]]*\s*[:=]",
    re.IGNORECASE,
)
FILLED_IN = re.compile(r"\{[^{}]*(\}|$)")  # f"npm_{token}": the program knows it, the text does not
SHORTEST = 4  # characters; nobody's password is `b`
BASELINE = ".secrets.baseline"


@dataclass(frozen=True)
class Secret:
    """Where a secret stands; never the secret itself."""

    path: str
    place: str  # line 3; cell 2; cell 2, output
    kind: str
    certain: bool  # in its maker's own format, not guessed from a word beside it

    def __str__(self) -> str:
        return f"{self.path} {self.place}: {self.kind}"


@dataclass(frozen=True)
class Search:
    """What was found, and what was left unread, in words."""

    secrets: tuple[Secret, ...]
    unread: str = ""

    @property
    def certain(self) -> list[Secret]:
        return [secret for secret in self.secrets if secret.certain]

    @property
    def guessed(self) -> list[Secret]:
        return [secret for secret in self.secrets if not secret.certain]


def in_files(checkout: Checkout) -> Search:
    """Secrets in the tracked files as they lie on disk."""
    known = _Known(checkout)
    found: list[Secret] = []
    for path in checkout.tracked:
        blob = checkout.unchanged.get(path)
        if blob in known.clean or checkout.size(path) > _largest(path):
            continue
        place = checkout.file(path)
        secrets = _scan_bytes(path, place.read_bytes() if place else b"", known)
        found += secrets
        if blob and not secrets:
            known.clean.add(blob)
    known.save()
    return Search(tuple(found))


def in_history(checkout: Checkout) -> Search:
    """Secrets in anything that a branch or a tag has ever held and the files hold no more."""
    if checkout.repository is None:
        return Search(())
    if checkout.history_fault:
        return Search((), "earlier versions cannot be read (see PR508)")
    known = _Known(checkout)
    here = set(checkout.unchanged.values())
    budget = None if checkout.whole_history else QUICK
    unread, size, left = [], 0, 0
    for blob in checkout.history:
        if blob.id in here or blob.size > _largest(blob.path):
            continue
        size += blob.size  # of all, known or not, so that the fifth check says what the first said
        if blob.id in known.clean:
            continue
        if budget is None or size <= budget:
            unread.append(blob)
        else:
            left += blob.size
    found: list[Secret] = []
    for batch in _batches(unread):
        for blob, content in checkout.repository.contents(batch):
            secrets = _scan_bytes(blob.path, content, known)
            found += secrets
            if not secrets:
                known.clean.add(blob.id)
    known.save()
    words = f"{left / 1e6:.1f} MB of earlier versions; `scaffold publish` reads all"
    return Search(tuple(found), words if left else SHALLOW if checkout.is_shallow else "")


def scan(path: str, text: str, accepted: Iterable[str] = ()) -> list[Secret]:
    """The secrets in one file; `accepted` holds digests that the author audited as harmless."""
    found = []
    name = PurePosixPath(path).name
    named = secret_formats.FILES.get(name)
    if named and text.strip():
        found.append(Secret(path, "as a whole", named, certain=True))
    cells = _cells(text) if path.endswith(".ipynb") else None
    if cells is None:
        is_data = path.startswith("data/") or path.endswith((".csv", ".tsv", ".jsonl", ".ipynb"))
        parts = [("", text, not is_data and name != BASELINE)]  # it holds digests
    else:
        parts = [(place, part, "output" not in place) for place, part in cells]
    for place, part, with_words in parts:
        for number, kind, certain in _in_text(path, part, accepted, with_words=with_words):
            found.append(Secret(path, place or f"line {number}", kind, certain))
    return list(dict.fromkeys(found))


def _in_text(
    path: str, text: str, accepted: Iterable[str], *, with_words: bool
) -> Iterator[tuple[int, str, bool]]:
    """Line, kind and certainty of each secret in a text."""
    lines = text.split("\n")
    taken = set()
    for match in secret_formats.find(text):
        number = text.count("\n", 0, match.end) + 1
        words = re.findall(r"[\w/+-]+", match.value)
        digests = {_sha1(word) for word in (match.value, *words)}
        if _is_marked(path, lines[number - 1]) or digests & set(accepted):
            continue
        taken.add(number)
        yield number, match.kind, True
    for number, kind, guessed in _by_library(path, text, lines, accepted, with_words=with_words):
        if number not in taken:
            yield number, kind, not guessed


def _by_library(
    path: str, text: str, lines: Sequence[str], accepted: Iterable[str], *, with_words: bool
) -> Iterator[tuple[int, str, bool]]:
    from detect_secrets.core.potential_secret import PotentialSecret
    from detect_secrets.settings import default_settings

    wanted = (p for p in _plugins() if with_words or type(p).__name__ not in GUESSES)
    suspects = [(plugin, numbers) for plugin in wanted if (numbers := _suspects(plugin, text))]
    if not suspects:
        return  # most texts; the settings below cost milliseconds
    with default_settings():
        for plugin, numbers in suspects:
            name = type(plugin).__name__
            for number in numbers:
                line = lines[number - 1] if number <= len(lines) else ""
                candidates: set[PotentialSecret] = plugin.analyze_line(path, line, number)
                for secret in candidates:
                    value = secret.secret_value or ""
                    if secret.secret_hash in accepted or _is_harmless(path, line, value, name):
                        continue
                    yield number, secret.type, name in GUESSES


def _cells(text: str) -> list[tuple[str, str]] | None:
    """What a notebook's cells say and what they printed, pictures aside; None if it is none."""
    try:
        cells = json.loads(text)["cells"]
        return [part for number, cell in enumerate(cells, 1) for part in _of_cell(number, cell)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _of_cell(number: int, cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield f"cell {number}", _joined(cell.get("source", ""))
    for output in cell.get("outputs", []):
        texts = [output.get("text", ""), output.get("traceback", "")]
        texts += [value for kind, value in output.get("data", {}).items()
                  if not kind.startswith("image/")]  # fmt: skip
        yield f"cell {number}, output", "\n".join(map(_joined, texts))


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def _largest(path: str) -> int:
    return LARGEST_NOTEBOOK if path.endswith(".ipynb") else LARGEST


def _scan_bytes(path: str, content: bytes, known: _Known) -> list[Secret]:
    if b"\0" in content[:8192]:
        return []
    return scan(path, content.decode("utf-8", errors="replace"), known.accepted)


def _sha1(value: str) -> str:
    """How detect-secrets names a secret in its list of audited ones."""
    return hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest()


def _suspects(plugin: Any, text: str) -> list[int]:
    """The lines that one of a plugin's own patterns matches: most texts match none."""
    name = type(plugin).__name__
    if name in HINTS and not any(hint in text for hint in HINTS[name]):
        return []
    if name == WORDS:  # in lower case a pattern is found five times as fast as in any case
        text = text.lower()
    numbers = set()
    patterns = (_keyword_pattern(),) if name == WORDS else plugin.denylist
    for pattern in patterns:
        number, counted = 1, 0
        for match in pattern.finditer(text):
            number += text.count("\n", counted, match.start())
            counted = match.start()
            numbers.add(number)
            numbers.add(number + match.group().count("\n"))
    return sorted(numbers)


@cache
def _keyword_pattern() -> re.Pattern[str]:
    from detect_secrets.plugins.keyword import DENYLIST

    return re.compile("|".join(DENYLIST))


@cache
def _plugins() -> tuple[BasePlugin, ...]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    classes: Iterable[Any] = get_mapping_from_secret_type_to_class().values()
    wanted = secret_formats.LIBRARY | GUESSES
    return tuple(kind() for kind in classes if kind.__name__ in wanted)


def _is_harmless(path: str, line: str, value: str, plugin: str) -> bool:
    """detect-secrets' own heuristics, and words that stand for a secret."""
    from detect_secrets.filters import heuristic

    if _is_marked(path, line):
        return True
    if heuristic.is_templated_secret(value) or heuristic.is_prefixed_with_dollar_sign(value):
        return True
    if len(value) < 24 and PLACEHOLDER.fullmatch(value):
        return True
    if len(value) < SHORTEST or FILLED_IN.search(value):
        return True
    if plugin == "BasicAuthDetector":
        return bool(re.search(r"@(localhost|127\.0\.0\.1|(\w+\.)*example\.(com|org|net))\b", line))
    return plugin == WORDS and (
        bool(ABOUT_ONE.search(line))
        or heuristic.is_sequential_string(value)
        or heuristic.is_indirect_reference(line)
        or heuristic.is_not_alphanumeric_string(value)
        or " " in value.strip()
    )


def _is_marked(path: str, line: str) -> bool:
    """Whether the author wrote on the line that it is harmless."""
    if "pragma" not in line:
        return False
    from detect_secrets.filters import allowlist
    from detect_secrets.util.code_snippet import get_code_snippet

    return bool(allowlist.is_line_allowlisted(path, line, get_code_snippet([line], 1)))


class _Known:
    """What earlier searches found clean, and what the author audited."""

    def __init__(self, checkout: Checkout) -> None:
        self.accepted = _audited(checkout)
        of = _rules(self.accepted)
        self._kept = Kept(checkout.root, "clean", of) if checkout.repository else None
        known = self._kept.load() if self._kept else None
        self.clean = set(map(str, known)) if isinstance(known, list) else set()
        self._before = len(self.clean)

    def save(self) -> None:
        if self._kept and len(self.clean) > self._before:
            self._kept.save(sorted(self.clean))


def _rules(accepted: Iterable[str]) -> str:
    """Changes whenever another scan might find something else."""
    own = (Path(__file__).read_bytes(), Path(secret_formats.__file__).read_bytes())
    words = "\n".join([metadata.version("detect-secrets"), *sorted(accepted)])
    return hashlib.sha256(b"\n".join([*own, words.encode()])).hexdigest()


def _audited(checkout: Checkout) -> frozenset[str]:
    """Digests that `detect-secrets audit` marked as no secret."""
    try:
        baseline = json.loads(checkout.text(BASELINE) or "{}")
        entries = [entry for found in baseline.get("results", {}).values() for entry in found]
        return frozenset(e["hashed_secret"] for e in entries if e.get("is_secret") is False)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return frozenset()


def _batches(blobs: Sequence[Blob]) -> Iterator[list[Blob]]:
    """Blobs in groups of some megabytes."""
    batch: list[Blob] = []
    size = 0
    for blob in blobs:
        batch.append(blob)
        size += blob.size
        if size > 8_000_000:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
