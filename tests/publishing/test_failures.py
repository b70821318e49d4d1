"""Whatever goes wrong has a sentence and a way out, and the next run finishes the job."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from scaffold.errors import ForgeError, ForgeUnavailable, UsageError
from scaffold.publishing import github, steps
from scaffold.publishing.github import Forge, Server, Token
from tests.publishing.conftest import World
from tests.publishing.fake_github import (
    API,
    FakeGitHub,
    Handler,
    answering,
    hanging_up,
    hanging_up_after,
)

NAME = "octo/spam-detector"
PUSH = "git-receive-pack$"


def finishes(world: World) -> bool:
    """Whether the next run brings everything online."""
    world.publish(topics=("spam",))
    there = world.forge.repositories[NAME]
    arrived = world.forge.refs(NAME).get("refs/heads/main") == world.head()
    return arrived and bool(there["pages"]) and there["topics"] == ["spam"]


# -- the name ---------------------------------------------------------------------------------


def test_a_name_taken_by_the_same_repository_is_the_place(world: World) -> None:
    world.publish()
    world.git("remote", "remove", "origin")
    assert world.publish().repository == NAME
    assert world.git("remote") == "origin"


def test_an_empty_repository_of_that_name_is_filled(world: World) -> None:
    world.forge.create(NAME)
    assert finishes(world)


def test_a_name_taken_by_another_repository_is_refused(world: World, tmp_path: Path) -> None:
    world.forge.create(NAME)
    other = World(tmp_path / "other", world.forge)
    other.root.mkdir()
    other.git("init", "--quiet", "--initial-branch=main")
    other.write("README.md", "# Other work\n")
    theirs = other.commit("Start something else")
    other.git("push", "--quiet", str(world.forge.bare(NAME)), "main")

    with pytest.raises(ForgeError, match="holds other work") as refused:
        world.publish()
    assert "--name" in refused.value.hint
    assert world.forge.refs(NAME) == {"refs/heads/main": theirs}
    assert world.forge.writes == []


def test_a_name_taken_by_another_owner_is_refused(world: World) -> None:
    world.forge.create("stranger/spam-detector", permissions={"push": False})
    with pytest.raises(ForgeError, match="belongs to somebody else"):
        world.publish(owner="stranger")


def test_another_person_cannot_be_the_owner(world: World) -> None:
    with pytest.raises(ForgeError, match="stranger is another person"):
        world.publish(owner="stranger")


def test_an_unknown_owner_is_named(world: World) -> None:
    with pytest.raises(ForgeError, match="no account called nobody"):
        world.publish(owner="nobody")


def test_an_archived_repository_is_refused_with_its_settings(world: World) -> None:
    world.publish()
    world.forge.repositories[NAME]["archived"] = True
    world.commit("More")
    with pytest.raises(ForgeError, match="is archived") as refused:
        world.publish()
    assert f"{world.forge.web}/{NAME}/settings" in refused.value.hint


# -- refusals of the API ------------------------------------------------------------------------


def test_401_says_whose_token_and_where_to_make_another(world: World) -> None:
    world.forge.fail("GET", "/user$", 401)
    with pytest.raises(ForgeError, match="does not accept the token from GH_TOKEN") as refused:
        world.publish()
    assert "/settings/tokens/new" in refused.value.hint
    assert finishes(world)


def test_403_names_the_scopes_that_are_missing(world: World) -> None:
    headers = {"X-OAuth-Scopes": "gist, read:org", "X-Accepted-OAuth-Scopes": "public_repo, repo"}
    forbidden = answering(403, {"message": "Resource not accessible"}, headers)
    world.forge.fail("POST", "/user/repos", forbidden)
    with pytest.raises(ForgeError) as refused:
        world.publish()
    assert refused.value.message == (
        f"The token from GH_TOKEN may not create {NAME}: its scopes are gist, read:org; needed: "
        "public_repo or repo."
    )
    assert finishes(world)


def test_403_names_the_permission_that_a_fine_grained_token_lacks(world: World) -> None:
    headers = {"X-Accepted-GitHub-Permissions": "pages=write"}
    message = {"message": "Resource not accessible by personal access token"}
    world.forge.fail("POST", "/pages$", answering(403, message, headers))
    with pytest.raises(ForgeError, match="it lacks pages=write"):
        world.publish()
    assert finishes(world)


def test_403_of_an_organisation_with_single_sign_on_gives_its_address(world: World) -> None:
    headers = {"X-GitHub-SSO": "required; url=https://sso.example/authorise"}
    message = {"message": "Resource protected by organization SAML enforcement."}
    world.forge.fail("POST", "/orgs/team/repos", answering(403, message, headers))
    with pytest.raises(ForgeError, match="authorised first") as refused:
        world.publish(owner="team")
    assert "https://sso.example/authorise" in refused.value.hint


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"Retry-After": "7"}),
        (429, {"Retry-After": "7"}),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "IN_A_MINUTE"}),
        (429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "IN_A_MINUTE"}),
    ],
)
def test_a_rate_limit_is_waited_for_as_the_header_says(
    world: World, monkeypatch: pytest.MonkeyPatch, status: int, headers: dict[str, str]
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    reset = str(int(time.time()) + 60)
    told = {key: value.replace("IN_A_MINUTE", reset) for key, value in headers.items()}
    limited = answering(status, {"message": "API rate limit exceeded for user"}, told)
    world.forge.fail("PUT", "/topics$", limited)
    world.publish(topics=("spam",))
    (wait,) = (seconds for seconds in waits if seconds > 1)
    assert wait == 7 if "Retry-After" in headers else 30 < wait <= 61
    assert any("asks to wait" in text for text in world.said)
    assert world.forge.repositories[NAME]["topics"] == ["spam"]


def test_a_rate_limit_beyond_the_bound_ends_with_the_time_to_come_back(world: World) -> None:
    hour = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3600)}
    limited = answering(403, {"message": "API rate limit exceeded for user"}, hour)
    world.forge.fail("PUT", "/topics$", limited)
    with pytest.raises(ForgeError, match="no more requests from you for 60 minutes") as refused:
        world.publish(topics=("spam",))
    assert re.search(r"after \d\d:\d\d", refused.value.hint)
    assert finishes(world)


def test_many_short_waits_end_like_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    forge = Forge(Server(), Token("the-token", "a test"))
    forge._wait(50)
    forge._wait(50)
    with pytest.raises(ForgeError, match="no more requests from you"):
        forge._wait(50)
    assert waits == [50, 50]
    forge.close()


def test_404_on_a_write_says_what_the_token_may_not_do(world: World) -> None:
    world.forge.fail("PUT", "/topics$", 404)
    with pytest.raises(ForgeError, match=f"may not set the topics of {NAME}") as refused:
        world.publish(topics=("spam",))
    assert "repo and workflow" in refused.value.hint
    assert finishes(world)


def test_422_passes_on_what_github_found_wrong(world: World) -> None:
    wrong = {"message": "Validation Failed", "errors": [{"message": "description is too long"}]}
    world.forge.fail("PATCH", f"/repos/{NAME}$", answering(422, wrong))
    with pytest.raises(ForgeError, match="Validation Failed; description is too long"):
        world.publish()
    assert finishes(world)


def test_a_plan_without_pages_for_private_repositories_has_a_way_out(world: World) -> None:
    message = "Your current plan does not support GitHub Pages for this repository."
    world.forge.fail("POST", "/pages$", answering(422, {"message": message}))
    with pytest.raises(ForgeError, match="current plan") as refused:
        world.publish(private=True, pages=True)
    assert refused.value.hint == "Publish it with --public, or without pages: --no-pages"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_fault_on_the_other_side_is_tried_again(world: World, status: int) -> None:
    world.forge.fail("POST", "/user/repos", status, times=2)
    assert finishes(world)


def test_a_fault_that_stays_is_reported_and_loses_nothing(world: World) -> None:
    world.forge.fail("PUT", "/topics$", 502, times=steps.ATTEMPTS)
    with pytest.raises(ForgeUnavailable, match=r"a fault of its own \(status 502\)"):
        world.publish(topics=("spam",))
    assert world.forge.refs(NAME)["refs/heads/main"] == world.head()
    assert finishes(world)


def test_an_answer_that_was_lost_does_not_make_a_second_repository(world: World) -> None:
    world.forge.fail("POST", "/user/repos", hanging_up_after)
    assert finishes(world)
    assert [call for call in world.forge.calls if call[0] == "POST"].count(
        ("POST", "/user/repos")
    ) == 1  # fmt: skip


def test_a_time_out_is_tried_again(world: World) -> None:
    def sleeping(handler: Handler) -> None:
        time.sleep(github.TIMEOUT + 0.3)
        handler.hang_up()

    world.forge.fail("PUT", "/topics$", sleeping)
    assert finishes(world)


def test_a_time_out_that_stays_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ATTEMPTS", 1)

    def sleeping(handler: Handler) -> None:
        time.sleep(github.TIMEOUT + 0.3)
        handler.hang_up()

    world.forge.fail("PUT", "/topics$", sleeping)
    with pytest.raises(ForgeUnavailable, match="did not answer within 2 s"):
        world.publish(topics=("spam",))
    assert finishes(world)


def test_no_network_is_said_in_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeGitHub(Path()).serving() as gone:
        address = gone.web
    monkeypatch.setenv("GITHUB_API_URL", address + API)
    with pytest.raises(ForgeUnavailable, match=r"No connection to 127\.0\.0\.1") as refused:
        world.publish()
    assert "Is there a network?" in refused.value.hint


def test_a_plain_address_is_refused_before_the_token_travels(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://github.example/api/v3")
    with pytest.raises(UsageError, match="in the clear"):
        world.publish()


# -- the push -----------------------------------------------------------------------------------


def test_a_connection_cut_in_the_middle_of_the_push_is_taken_up_again(world: World) -> None:
    world.forge.fail("POST", PUSH, hanging_up)
    assert finishes(world)


def test_a_push_whose_answer_was_lost_counts_as_done(world: World) -> None:
    world.forge.fail("POST", PUSH, hanging_up_after)
    assert finishes(world)


def test_a_push_that_keeps_breaking_is_finished_by_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "ATTEMPTS", 2)
    world.forge.fail("POST", PUSH, hanging_up, times=100)
    with pytest.raises(ForgeUnavailable, match=r"connection to .* broke"):
        world.publish()
    world.forge.faults.clear()
    assert world.forge.refs(NAME) == {}
    assert finishes(world)


def test_a_long_push_that_is_cut_after_some_bytes_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "ATTEMPTS", 2)
    world.write("noise.bin", "".join(f"{n * n:x}{n**7:x}\n" for n in range(60_000)))
    world.commit("Add a long table")

    def cutting(handler: Handler) -> None:
        if "Content-Length" in handler.headers:  # git asks with four bytes before a long push
            handler.serve_git()
            return
        handler.rfile.read(50_000)
        handler.hang_up()

    world.forge.fail("POST", PUSH, cutting, times=2 * steps.ATTEMPTS)
    with pytest.raises(ForgeUnavailable):
        world.publish()
    world.forge.faults.clear()
    assert finishes(world)


def test_a_remote_that_moved_on_is_never_forced(world: World, tmp_path: Path) -> None:
    world.publish()
    elsewhere = World(tmp_path / "clone", world.forge)
    world.git("clone", "--quiet", str(world.forge.bare(NAME)), str(elsewhere.root))
    theirs = elsewhere.commit("Work on another machine")
    elsewhere.git("push", "--quiet", "origin", "main")
    world.commit("Work on this machine")

    with pytest.raises(ForgeError, match="has commits that are not here") as refused:
        world.publish()
    assert refused.value.hint == "Take them over first: git pull --rebase origin main"
    assert world.forge.refs(NAME)["refs/heads/main"] == theirs

    world.git("pull", "--quiet", "--rebase", str(world.forge.bare(NAME)), "main")
    assert finishes(world)


def refusing_hook(world: World, words: str) -> None:
    world.forge.create(NAME)
    hook = world.forge.bare(NAME) / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{words}\nEND\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)


def test_workflow_files_without_the_scope_are_explained(world: World) -> None:
    refusing_hook(
        world,
        "refusing to allow a Personal Access Token to create or update workflow "
        "`.github/workflows/ci.yml` without `workflow` scope",
    )
    with pytest.raises(ForgeError, match="may not push workflow files") as refused:
        world.publish()
    assert "scope `workflow`" in refused.value.hint
    (world.forge.bare(NAME) / "hooks" / "pre-receive").unlink()
    assert finishes(world)


def test_push_protection_is_passed_on_in_githubs_words(world: World) -> None:
    refusing_hook(
        world, "error: GH013: Repository rule violations found\n- Push cannot contain secrets"
    )
    with pytest.raises(ForgeError, match="Push cannot contain secrets"):
        world.publish()


def test_a_file_that_is_too_large_for_github_is_explained(world: World) -> None:
    refusing_hook(world, "error: GH001: Large files detected.\nerror: File data.bin is 180 MB")
    with pytest.raises(ForgeError, match=r"File data\.bin is 180 MB") as refused:
        world.publish()
    assert "git filter-repo" in refused.value.hint


def test_a_token_that_git_may_not_use_is_explained(world: World) -> None:
    world.forge.fail("GET", "info/refs$", 401, times=10)
    with pytest.raises(ForgeError, match="for git"):
        world.publish()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/user$"),
        ("POST", "/user/repos"),
        ("POST", PUSH),
        ("POST", "/pages$"),
        ("PATCH", f"/repos/{NAME}$"),
        ("PUT", "/topics$"),
    ],
)
def test_after_a_failure_of_any_call_the_next_run_finishes(
    world: World, method: str, path: str
) -> None:
    world.forge.fail(method, path, 403)
    with pytest.raises(ForgeError):
        world.publish(topics=("spam",))
    assert finishes(world)
