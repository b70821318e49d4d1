"""Every call that publishing makes is one that GitHub's official description accepts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from scaffold.publishing import github
from scaffold.publishing.github import Call, Forge, Refused, Server, Token
from tests.publishing import openapi
from tests.publishing.conftest import World

SERVE_DEMO = {"source": {"branch": "gh-pages", "path": "/"}}
pytestmark = pytest.mark.network  # npm brings the description and the server that holds to it


@pytest.fixture(scope="session")
def mock_github() -> Iterator[str]:
    if os.environ.get("CI") != "true":
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed: GitHub's API description cannot be fetched")
        try:
            openapi.install()
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"npm could not fetch GitHub's API description: {error}")
    with openapi.serving(openapi.install()) as address:
        yield address


@pytest.fixture
def forge(mock_github: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    monkeypatch.setattr(github, "SECONDS_BETWEEN_WRITES", 0)
    client = Forge(Server(api=mock_github, web="https://github.com"), Token("token", "a test"))
    yield client
    client.close()


def test_every_question_is_one_that_github_answers(forge: Forge) -> None:
    assert forge.viewer
    assert (forge.account("octocat") or {})["type"]
    repository = forge.repository("octocat", "hello-world") or {}
    assert {"full_name", "private", "archived", "permissions", "description", "homepage"} <= set(
        repository
    )
    assert forge.holds_commit("octocat", "hello-world", "6dcb09b5b57875f334f61aebed695e2e4193db5e")
    for path, key in (
        ("topics", "names"), ("pages", "html_url"), ("branches/main/protection", "url"),
    ):  # fmt: skip
        assert key in (forge.ask(f"/repos/octocat/hello-world/{path}", "ask") or {})


@pytest.mark.parametrize("owner", ["octo", "team"])
def test_every_call_that_changes_something_is_accepted(
    forge: Forge, world: World, owner: str
) -> None:
    planned = world.publish(
        dry_run=True, owner=owner, topics=("machine-learning", "spam"), protect=True,
        private=True, pages=True, description="Can a word list tell spam from mail?",
    )  # fmt: skip
    calls = [call for outcome in planned.outcomes for call in outcome.calls]
    sent = [call.split(" ", 2) for call in calls if not call.startswith("git ")]
    assert [method for method, _, _ in sent] == ["POST", "POST", "PATCH", "PUT", "PUT"]
    sent.append(["PUT", "/repos/octo/spam/pages", json.dumps(SERVE_DEMO)])
    for method, path, body in sent:
        forge.send(Call(method, path, json.loads(body), "be accepted"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/user/repos", {"description": "no name"}),
        ("POST", "/orgs/team/repos", {"name": "spam", "private": "yes"}),
        ("PATCH", "/repos/octo/spam", {"description": 5}),
        ("PUT", "/repos/octo/spam/topics", {"names": "spam"}),
        ("POST", "/repos/octo/spam/pages", {"source": {"path": "/"}}),
        ("PUT", "/repos/octo/spam/pages", {"source": {"branch": "gh-pages"}}),
        ("PUT", "/repos/octo/spam/branches/main/protection", {"enforce_admins": False}),
    ],
)
def test_a_call_that_github_would_reject_is_rejected_here(
    forge: Forge, method: str, path: str, body: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        forge.send(Call(method, path, body, "be accepted"))
