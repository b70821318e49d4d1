"""Addresses, descriptions and badges: the small pieces that publishing is made of."""

from __future__ import annotations

import pytest

from scaffold.checks.checkout import Checkout
from scaffold.commands.publish import describe
from scaffold.errors import UsageError
from scaffold.publishing import badges
from scaffold.publishing.github import Server
from scaffold.publishing.steps import LONGEST_DESCRIPTION, SITE_STEPS, address_of
from tests.checks.conftest import Work, work  # noqa: F401 - a fixture
from tests.publishing.conftest import World

BADGE = ("tests", "[![Tests](https://git.example/ci.svg?branch=main)](https://git.example/ci)")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://github.com/octo/spam.git", ("github.com", "octo", "spam")),
        ("https://ada:pw@github.com/octo/spam", ("github.com", "octo", "spam")),
        ("http://127.0.0.1:8080/octo/spam.git/", ("127.0.0.1:8080", "octo", "spam")),
        ("git@github.com:octo/spam.git", ("github.com", "octo", "spam")),
        ("ssh://git@git.example:2222/octo/spam.git", ("git.example", "octo", "spam")),
        ("https://gitlab.example/group/sub/spam.git", None),
        ("/srv/git/spam.git", None),
        (r"C:\work\spam", None),
        ("../spam", None),
    ],
)
def test_a_remotes_address_is_taken_apart(address: str, place: tuple[str, str, str] | None) -> None:
    assert address_of(address) == place


@pytest.mark.parametrize(
    ("variables", "api", "web"),
    [
        ({}, "https://api.github.com", "https://github.com"),
        (
            {"GITHUB_SERVER_URL": "https://git.example"},
            "https://git.example/api/v3",
            "https://git.example",
        ),
        (
            {"GITHUB_API_URL": "https://git.example/api/v3"},
            "https://git.example/api/v3",
            "https://git.example",
        ),
        (
            {
                "GITHUB_API_URL": "https://api.github.com",
                "GITHUB_SERVER_URL": "https://github.com/",
            },
            "https://api.github.com",
            "https://github.com",
        ),
    ],
)
def test_the_server_is_the_one_that_the_runner_names(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], api: str, web: str
) -> None:
    for name in ("GITHUB_API_URL", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Server.from_environment() == Server(api, web)


def test_a_server_without_https_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "http://git.example")
    with pytest.raises(UsageError, match="in the clear"):
        Server.from_environment()


def test_pages_stand_where_github_serves_them() -> None:
    assert Server().pages("Octo", "spam") == "https://octo.github.io/spam/"
    assert Server().pages("Octo", "octo.github.io") == "https://octo.github.io/"
    own = Server("https://git.example/api/v3", "https://git.example")
    assert own.pages("octo", "spam") == "https://git.example/pages/octo/spam/"


def test_the_description_is_the_question_and_the_measured_answer(work: Work) -> None:  # noqa: F811
    assert describe(Checkout(work.root)) == (
        "Which newsletters would my own filter throw away? "
        "PR-AUC 0.998 [0.996, 0.999]; keyword rule: 0.732."
    )


def test_the_question_may_stand_in_the_readme_alone(work: Work) -> None:  # noqa: F811
    state = (work.root / ".scaffold.toml").read_text(encoding="utf-8")
    work.write(
        ".scaffold.toml", state.replace("Which newsletters would my own filter throw away?", "")
    )
    work.replace("README.md", "Which newsletters", "## Why ask?\n\nWhich **news** letters")
    assert describe(Checkout(work.root)).startswith("Which news letters would my own filter throw")


def test_a_long_question_is_cut_and_the_answer_is_not(work: Work) -> None:  # noqa: F811
    state = (work.root / ".scaffold.toml").read_text(encoding="utf-8")
    work.write(".scaffold.toml", state.replace("Which newsletters", "Which " + "very " * 100))
    text = describe(Checkout(work.root))
    assert len(text) <= LONGEST_DESCRIPTION
    assert text.endswith("… PR-AUC 0.998 [0.996, 0.999]; keyword rule: 0.732.")


def test_numbers_of_the_sample_are_not_shown_to_the_world(work: Work) -> None:  # noqa: F811
    work.change_json("reports/metrics.json", lambda m: m["data"].update(sample=True))
    assert describe(Checkout(work.root)) == "Which newsletters would my own filter throw away?"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# Title\n\nText.\n", f"# Title\n\n{BADGE[1]}\n\nText.\n"),
        ("<!-- note -->\n# Title\nText.\n", f"<!-- note -->\n# Title\n\n{BADGE[1]}\n\nText.\n"),
        ("Text.\n", f"{BADGE[1]}\n\nText.\n"),
        ("# Title\n\n[![Old](a)](b)\n", f"# Title\n\n{BADGE[1]}\n[![Old](a)](b)\n"),
    ],
)
def test_badges_stand_below_the_title(before: str, after: str) -> None:
    assert badges.insert(before, [BADGE]) == after
    assert badges.insert(after, [BADGE]) == after


def test_a_site_goes_online_by_the_same_steps(world: World) -> None:
    """What `scaffold site --publish` does: another name, another tree, no badges."""
    from scaffold.publishing.github import Forge, Token
    from scaffold.publishing.steps import Publication, Workplace, carry_out
    from scaffold.reporter import Silent
    from tests.publishing.fake_github import TOKEN

    repository = world.repository()
    forge = Forge(Server.from_environment(), Token(TOKEN, "a test"))
    site = Publication(owner="octo", name="octo.github.io", branch="main", pages=True)
    try:
        at = Workplace(site, repository, forge)
        carry_out(SITE_STEPS, at, Silent())
        again = carry_out(SITE_STEPS, at, Silent())
    finally:
        forge.close()
    assert world.forge.refs("octo/octo.github.io")["refs/heads/main"] == world.head()
    assert world.forge.repositories["octo/octo.github.io"]["pages"]
    assert {outcome.state for outcome in again} == {"done"}


def test_a_badge_that_is_there_for_another_branch_is_not_added_again() -> None:
    badge = "[![Tests](https://host/a/badge.svg?branch={})](https://host/a)"
    page = f"# Title\n\n{badge.format('main')}\n\nText.\n"
    assert badges.insert(page, [("tests", badge.format("trunk"))]) == page
    assert badges.insert("# Title\n\nText.\n", [("tests", badge.format("main"))]) == page


def test_the_badge_of_a_result_says_its_verdict_and_gives_way_to_the_next(
    work: Work,  # noqa: F811
) -> None:
    from scaffold.git import Repository

    shown = dict(badges.lines(Repository.open(work.root), "https://git.example/a/b", "", "main"))
    first = shown["result"]
    assert first.startswith("[![Result: PR-AUC 0.998, better than keyword rule](https://img.")
    assert "/badge/PR--AUC-0.998-brightgreen)](REPORT.md)" in first
    page = badges.insert("# Title\n\nText.\n", [("result", first)])
    work.change_json("reports/metrics.json", lambda m: m["primary"].update(value=0.871))
    work.change_json("reports/metrics.json", lambda m: m["comparison"].update(ci=[-0.1, 0.1]))
    work.commit("Measure again, on other rows")
    shown = dict(badges.lines(Repository.open(work.root), "https://git.example/a/b", "", "main"))
    page = badges.insert(page, [("result", shown["result"])])
    assert page.count("[![Result:") == 1
    assert "PR-AUC 0.871, no clear difference from keyword rule" in page
    assert "lightgrey" in page


def test_a_sample_has_no_badge_of_a_result(work: Work) -> None:  # noqa: F811
    from scaffold.git import Repository

    work.change_json("reports/metrics.json", lambda m: m["data"].update(sample=True))
    work.commit("Try the sample")
    shown = dict(badges.lines(Repository.open(work.root), "https://git.example/a/b", "", "main"))
    assert "result" not in shown
