from __future__ import annotations

import pytest

from scaffold.errors import NameRefused
from scaffold.naming import check_name, package_of, title_of


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("spam-detector", "spam_detector"),
        ("Spam.Detector", "spam_detector"),
        ("spam_detector2", "spam_detector2"),
    ],
)
def test_a_name_becomes_a_package(name: str, package: str) -> None:
    check_name(name)
    assert package_of(name) == package


def test_a_name_becomes_a_title() -> None:
    assert title_of("my-spam_detector") == "My Spam Detector"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a/b", "path separator"),
        ("a\\b", "path separator"),
        ("", "cannot name"),
        ("..", "cannot name"),
        ("-spam", "cannot name"),
        ("spam-", "cannot name"),
        ("spam detector", "cannot name"),
        ("späm", "cannot name"),
        ("s" * 101, "101 characters"),
        ("NUL", "Windows"),
        ("com1", "Windows"),
        ("aux.model", "Windows"),
        ("2024-spam", "cannot import"),
        ("class", "keyword"),
        ("match", "keyword"),
        ("json", "would hide"),
        ("test", "would hide"),
        ("Tests", "would hide"),
        ("numpy", "would hide"),
        ("lightgbm", "would hide"),
    ],
)
def test_a_name_that_would_fail_later_is_refused_now(name: str, reason: str) -> None:
    with pytest.raises(NameRefused, match=reason):
        check_name(name, imports={"lightgbm"})


@pytest.mark.parametrize("name", ["2024-spam", "Späm Filter", "class", "json", "con"])
def test_the_hint_offers_a_name_that_works(name: str) -> None:
    with pytest.raises(NameRefused) as caught:
        check_name(name)
    check_name(caught.value.hint.split()[-1])


def test_the_longest_name_that_github_takes_is_taken_and_no_longer_one() -> None:
    check_name("a" * 100)
    with pytest.raises(NameRefused, match="101 characters; 100 is the most"):
        check_name("a" * 101)
