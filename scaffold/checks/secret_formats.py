"""How keys look that their makers gave a form of their own: a match is a key, not a guess.

Each pattern stands alone between characters that could not be part of it, so that a stretch of
DNA, a digest or a picture in base64 does not hold one by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = r"(?![A-Za-z0-9_/+-])"
_PART_OF_A_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-")
_GAP = r"[\w\s\"'.,:=()\[\]>-]{0,30}?"  # between a name and its value, on one line or the next
_HEX_40, _HEX_32 = (rf"(?<![0-9a-f])[0-9a-f]{{{n}}}(?![0-9A-Za-z])" for n in (40, 32))

# Name; words without which it is not there, in lower case; pattern, which begins with plain
# characters where it can: they are what is searched for fast.
FORMATS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Hugging Face token", ("hf_",), r"hf_[A-Za-z0-9]{34,40}"),
    ("OpenAI key", ("sk-",), r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{32,}"),
    ("OpenAI key", ("sk-",), r"sk-[A-Za-z0-9]{48}"),
    ("Anthropic key", ("sk-ant-",), r"sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{32,}"),
    ("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,}"),
    ("GitHub token", ("github_pat_",), r"github_pat_[A-Za-z0-9_]{50,}"),
    ("Google API key", ("aiza",), r"AIza[A-Za-z0-9_-]{35}"),
    ("Weights & Biases key", ("wandb_v",), r"wandb_v\d_[A-Za-z0-9_]{40,}"),
    (
        "Weights & Biases key", ("wandb", "biases"),
        rf"(?i:wandb|weights.?and.?biases){_GAP}{_HEX_40}",
    ),
    ("Databricks token", ("dapi",), r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("Kaggle key", ("kgat_",), r"KGAT_[0-9a-f]{32}"),
    ("Kaggle key", ("kaggle_key",), rf"(?i:kaggle_key){_GAP}{_HEX_32}"),
    (
        "Kaggle key", ('"username"',),
        r'"username"\s*:\s*"[^"\n]+"\s*,\s*"key"\s*:\s*"[0-9a-f]{32}(?=")',
    ),
    ("AWS key", ("akia", "asia", "abia", "acca"), r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}"),
    (
        "AWS secret", ("aws_secret", "awssecret"),
        (
            rf"(?i:aws_?secret(?:_?access)?(?:_?key)?){_GAP}(?<![A-Za-z0-9/+])"
            r"(?=[^\n]*[a-z])(?=[^\n]*[A-Z])[A-Za-z0-9/+]{40}(?!=)"
        ),
    ),
    ("Twilio key", ("sk",), r"SK[0-9a-f]{32}"),
    ("Telegram token", (":aa",), r"\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    ("Replicate token", ("r8_",), r"r8_[A-Za-z0-9]{37}"),
    ("Groq key", ("gsk_",), r"gsk_[A-Za-z0-9]{52}"),
    (
        "private key", ("private key",),
        (
            r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----"
            r"(?:\\[rn]|[\s\"'+,])*[A-Za-z0-9+/]{40,}"
        ),
    ),
)  # fmt: skip
# What the library knows as well, and where a match is a key.
LIBRARY = {
    "AzureStorageKeyDetector", "GitLabTokenDetector", "MailchimpDetector", "NpmDetector",
    "PypiTokenDetector", "SendGridDetector", "SlackDetector", "SquareOAuthDetector",
    "StripeDetector",
}  # fmt: skip
# Files that exist to hold a key.
FILES = {"kaggle.json": "Kaggle key file", ".netrc": "file of passwords", "id_rsa": "private key"}

_PATTERNS = tuple((kind, hints, re.compile(pattern + _END)) for kind, hints, pattern in FORMATS)
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
    folded = text.lower()
    for kind, hints, pattern in _PATTERNS:
        if not any(hint in folded for hint in hints):
            continue
        for match in pattern.finditer(text):
            before = text[match.start() - 1 : match.start()]
            named = pattern.pattern.startswith("(?i:")  # begins with a name, not with the key
            apart = named or before not in _PART_OF_A_KEY
            if apart and not _STANDS_FOR_ONE.search(match.group()):
                yield Match(kind, match.start(), match.end(), match.group())
