from __future__ import annotations

import json
import unicodedata

import pytest

from scaffold.plain import one_line, redacted, visible, visible_json, without_password


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rm -rf ~ \r\x1b[2K task: echo harmless", r"rm -rf ~ \r\x1b[2K task: echo harmless"),
        ("\x9b2K", r"\x9b2K"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("pass\u200bword", r"pass\u200bword"),
        ("\ufeffa", r"\ufeffa"),
        ("\udcff.txt", r"\udcff.txt"),
        ("\U000e0041", r"\U000e0041"),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Ünï 日本語 é … ✓ 👩 \u00a0%", "Ünï 日本語 é … ✓ 👩 \u00a0%"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_control_format_or_surrogate_is_left_of_all_characters() -> None:
    everything = "".join(map(chr, range(0x110000)))
    left = {
        character
        for character in set(visible(everything))
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    assert left == {"\n", "\t"}


def test_a_value_cannot_add_a_line() -> None:
    assert one_line("a\nError: b\tc\u2028d") == r"a\nError: b\tc\u2028d"


def test_json_with_hidden_characters_says_the_same() -> None:
    value = {"\u202ename": "\x1b[2K\x7f\x9b\u200b\ufeff\U000e0041 Ünï\n"}
    text = visible_json(json.dumps(value, ensure_ascii=False))
    assert visible(text) == text
    assert "Ünï" in text
    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("text", "shown", "written"),
    [
        ("https://ada:s3cret@host/x", "https://***@host/x", "https://host/x"),
        ("https://token@host/x", "https://***@host/x", "https://host/x"),
        ("ssh://ada:s3cret@host/x", "ssh://ada:***@host/x", "ssh://ada@host/x"),
        ("ssh://git@host/x", "ssh://git@host/x", "ssh://git@host/x"),
        ("git+ssh://git:pw@host/x", "git+ssh://git:***@host/x", "git+ssh://git@host/x"),
        ("ftp://a:p@ss@host/x", "ftp://***@host/x", "ftp://host/x"),
        ("HTTPS://a:b@host", "HTTPS://***@host", "HTTPS://host"),
        ("git@host:owner/name", "git@host:owner/name", "git@host:owner/name"),
        ("https://host/x@y", "https://host/x@y", "https://host/x@y"),
    ],
)
def test_a_password_in_a_url_is_neither_shown_nor_written_down(
    text: str, shown: str, written: str
) -> None:
    assert redacted(f"fatal: '{text}' is away") == f"fatal: '{shown}' is away"
    assert without_password(text) == written


def test_a_token_in_a_query_is_not_shown() -> None:
    assert redacted("https://host/x?a=1&private_token=abc&b=2") == (
        "https://host/x?a=1&private_token=***&b=2"
    )
