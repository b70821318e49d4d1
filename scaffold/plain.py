"""Text that somebody else wrote, made safe to show: nothing in it moves, hides or gives away."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What a terminal obeys, or shows as nothing or in another order: controls (Cc), formats (Cf: bidi,
# zero-width, tags), line separators, lone surrogates, and the letters that are drawn as nothing.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[{_UNSEEN}]")
_HIDDEN_OR_BREAK = re.compile(f"[\t\n{_UNSEEN}]")

_USER = re.compile(r"\b([a-z][a-z0-9+.-]*://)([^/\s'\"<>]*)@", re.IGNORECASE)
_PARAMETER = re.compile(
    r"([?&;][\w.-]*(?:token|secret|password|passwd|signature|key)=)[^&;\s'\"<>]+", re.IGNORECASE
)
_NAMED_USERS = ("ssh", "git+ssh", "ssh+git", "sftp")  # their user name is part of the address


def visible(text: str) -> str:
    """A text whose hidden characters are written out (`\\x1b`, `\\u202e`); line ends and tabs stay.

    A carriage return before a line end is that line's end.
    """
    return _HIDDEN.sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """A value within a line: its line ends are written out too, so that it cannot add a line."""
    return _HIDDEN_OR_BREAK.sub(_escape, text)


def listed(lines: Iterable[str], indent: str = "  ") -> str:
    """Values one below the other, each on its one line."""
    return "".join(f"\n{indent}{one_line(line)}" for line in lines)


def visible_json(text: str) -> str:
    """JSON that says the same, with the hidden characters of its strings as JSON escapes."""
    return _HIDDEN.sub(lambda found: _json_escape(found[0]), text)


def redacted(text: str) -> str:
    """A text without the passwords and tokens that stand in its URLs."""
    text = _USER.sub(lambda found: f"{found[1]}{_user(found[1], found[2])}@", text)
    return _PARAMETER.sub(r"\1***", text)


def without_password(url: str) -> str:
    """A URL as it may be written down: no password, and no user but the one of ssh."""

    def user(found: re.Match[str]) -> str:
        name, _, _ = found[2].partition(":")
        return f"{found[1]}{name}@" if _is_ssh(found[1]) and name else found[1]

    return _USER.sub(user, url, count=1)


def _user(scheme: str, said: str) -> str:
    name, colon, _ = said.partition(":")
    if _is_ssh(scheme):
        return f"{name}:***" if colon else name
    return "***"


def _is_ssh(scheme: str) -> bool:
    return scheme.lower().removesuffix("://") in _NAMED_USERS


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs)
