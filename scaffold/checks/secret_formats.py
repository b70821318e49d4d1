"""How keys look that their makers gave a form of their own: a match is a key, not a guess.

Each pattern stands alone between characters that could not be part of it, so that a stretch of
DNA, a digest or a picture in base64 does not hold one by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_A, _Z = r"(?<![A-Za-z0-9_+-])", r"(?![A-Za-z0-9_/+-])"
_GAP = r"[\w\s\"'.,:=()\[\]>-]{0,30}?"  # between a name and its value, on one line or the next

FORMATS: dict[str, str] = {
    "Hugging Face token": rf"{_A}hf_[A-Za-z0-9]{{34,40}}{_Z}",
    "OpenAI key": (
        rf"{_A}sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{{32,}}|[A-Za-z0-9]{{48}}){_Z}"
    ),
    "Anthropic key": rf"{_A}sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{{32,}}{_Z}",
    "GitHub token": rf"{_A}(?:gh[pousr]_[A-Za-z0-9]{{36,}}|github_pat_[A-Za-z0-9_]{{50,}}){_Z}",
    "Google API key": rf"{_A}AIza[A-Za-z0-9_-]{{35}}{_Z}",
    "Weights & Biases key": (
        rf"(?i:wandb|weights.?and.?biases){_GAP}(?<![0-9a-f])[0-9a-f]{{40}}(?![0-9A-Za-z])"
        rf"|{_A}wandb_v\d_[A-Za-z0-9_]{{40,}}{_Z}"
    ),
    "Databricks token": rf"{_A}dapi[0-9a-f]{{32}}(?:-\d)?{_Z}",
    "Kaggle key": (
        r"\"username\"\s*:\s*\"[^\"\n]+\"\s*,\s*\"key\"\s*:\s*\"[0-9a-f]{32}\""
        rf"|(?i:kaggle_key){_GAP}(?<![0-9a-f])[0-9a-f]{{32}}(?![0-9A-Za-z])"
        rf"|{_A}KGAT_[0-9a-f]{{32}}{_Z}"
    ),
    "AWS key": rf"{_A}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}{_Z}",
    "AWS secret": (
        rf"(?i:aws_?secret(?:_?access)?(?:_?key)?){_GAP}"
        r"(?<![A-Za-z0-9/+])(?=[^\n]*[a-z])(?=[^\n]*[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
    ),
    "Twilio key": rf"{_A}SK[0-9a-f]{{32}}{_Z}",
    "Telegram token": rf"{_A}\d{{8,10}}:AA[A-Za-z0-9_-]{{33}}{_Z}",
    "Replicate token": rf"{_A}r8_[A-Za-z0-9]{{37}}{_Z}",
    "Groq key": rf"{_A}gsk_[A-Za-z0-9]{{52}}{_Z}",
    "private key": (
        r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----"
        r"(?:\\[rn]|[\s\"'+,])*[A-Za-z0-9+/]{40,}"
    ),
}
# What the library knows as well, and where a match is a key.
LIBRARY = {
    "AzureStorageKeyDetector", "GitLabTokenDetector", "MailchimpDetector", "NpmDetector",
    "PypiTokenDetector", "SendGridDetector", "SlackDetector", "SquareOAuthDetector",
    "StripeDetector",
}  # fmt: skip
# Files that exist to hold a key.
FILES = {"kaggle.json": "Kaggle key file", ".netrc": "file of passwords", "id_rsa": "private key"}

_ALL = re.compile(
    "|".join(f"(?P<f{place}>{pattern})" for place, pattern in enumerate(FORMATS.values()))
)
_NAMES = tuple(FORMATS)
_STANDS_FOR_ONE = re.compile(
    r"example|placeholder|dummy|your|redacted|xxxxx|\*{4}|\.{4}|(.)\1{7}|0123456789|1234567890"
    r"|abcdefghij",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Match:
    """A key in a text: what it is, where it begins and ends, itself."""

    kind: str
    start: int
    end: int
    value: str


def find(text: str) -> Iterator[Match]:
    """The keys in a text; words that stand in a key's place are none."""
    for match in _ALL.finditer(text):
        if not _STANDS_FOR_ONE.search(match.group()):
            kind = _NAMES[int((match.lastgroup or "f0")[1:])]
            yield Match(kind, match.start(), match.end(), match.group())
