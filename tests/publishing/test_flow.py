"""Publishing when nothing goes wrong: what arrives, and that a second run changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.commands.publish import Published, Wishes, publish
from scaffold.errors import ChecksFailed, ForgeError, GitError, UsageError
from scaffold.git import PRISTINE_REF
from scaffold.reporter import Recording
from tests.conftest import Called
from tests.publishing.conftest import README, World
from tests.publishing.fake_github import TOKEN, git

NAME = "octo/spam-detector"


def states(published: Published) -> dict[str, str]:
    return {outcome.step: outcome.state for outcome in published.outcomes}


def says(published: Published, step: str) -> str:
    return next(outcome.says for outcome in published.outcomes if outcome.step == step)


def test_a_first_run_brings_branch_description_topics_and_pages_online(world: World) -> None:
    published = world.publish(description="Spam or not?", topics=("machine-learning", "spam"))

    there = world.forge.repositories[NAME]
    assert world.forge.refs(NAME)["refs/heads/main"] == world.head()
    assert there["description"] == "Spam or not?"
    assert there["topics"] == ["machine-learning", "spam"]
    assert there["pages"]["source"] == {"branch": "main", "path": "/"}
    assert there["homepage"] == f"{world.forge.web}/pages/{NAME}/REPORT.html"
    assert published.address == f"{world.forge.web}/{NAME}"
    assert published.changed


def test_a_second_run_changes_nothing_and_says_so(world: World) -> None:
    from scaffold.commands.publish import as_text

    wishes: dict[str, Any] = {"topics": ("spam",), "description": "Spam?", "protect": True}
    world.publish(**wishes)
    commit, writes = world.head(), list(world.forge.writes)
    again = world.publish(**wishes)

    assert set(states(again).values()) == {"done"}
    assert world.forge.writes == writes
    assert world.head() == commit
    assert as_text(again).startswith(f"{NAME} is as it should be: nothing was changed.")


def test_within_a_step_the_forge_is_asked_a_thing_once(world: World) -> None:
    world.publish()
    world.forge.calls.clear()
    steps = {outcome.step for outcome in world.publish().outcomes}
    asked = [path for method, path in world.forge.calls if method == "GET"]
    needed = {"repository", "badges", "push", "pages", "description"}
    assert needed < steps
    assert asked.count(f"/repos/{NAME}") == len(needed) + 2  # before the first, after the last


def test_a_dry_run_needs_no_token_and_plans_what_one_with_a_token_plans(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planned() -> list[str]:
        wishes = Wishes(private=False, topics=("spam",), skip=("all",))
        outcomes = publish(world.root, wishes, dry_run=True).outcomes
        return [
            call for outcome in outcomes if outcome.state == "planned" for call in outcome.calls
        ]

    monkeypatch.setenv("GH_TOKEN", TOKEN)
    world.git("config", "github.user", "octo")
    as_octo = planned()
    assert "GH_TOKEN" not in os.environ  # it was taken
    assert planned() == as_octo
    assert world.forge.writes == []

    world.publish(private=False, topics=("spam",))
    world.commit("More")
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    as_octo = planned()
    assert [call.split()[:2] for call in as_octo] == [["git", "push"]]
    assert planned()[0] == as_octo[0]


def test_without_a_token_a_dry_run_looks_as_the_owner_or_asks_who_that_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_TOKEN")
    reporter = Recording()
    wishes = Wishes(owner="octo", private=False, skip=("all",))
    published = publish(world.root, wishes, dry_run=True, reporter=reporter)
    assert published.repository == NAME
    assert "only what everybody may see" in reporter.messages[0]
    world.git("config", "--global", "--unset", "github.user")
    with pytest.raises(ForgeError, match="No token"):
        publish(world.root, Wishes(private=False, skip=("all",)), dry_run=True)
    with pytest.raises(ForgeError, match="No token"):
        publish(world.root, wishes)


def test_the_pristine_goes_along(world: World) -> None:
    world.git("update-ref", PRISTINE_REF, world.head())
    pristine = world.head()
    world.publish()
    assert world.forge.refs(NAME)[PRISTINE_REF] == pristine


def test_a_rewritten_pristine_over_there_is_left_alone(world: World) -> None:
    world.git("update-ref", PRISTINE_REF, world.head())
    theirs = world.head()
    world.publish()
    tree = world.git("rev-parse", "HEAD^{tree}")
    world.git("update-ref", PRISTINE_REF, world.git("commit-tree", tree, "-m", "Another start"))
    world.commit("More")
    world.publish()
    assert world.forge.refs(NAME)[PRISTINE_REF] == theirs
    assert world.forge.refs(NAME)["refs/heads/main"] == world.head()


def test_a_new_commit_is_pushed_by_the_next_run(world: World) -> None:
    world.publish()
    commit = world.commit("Count more words")
    published = world.publish()
    assert [step for step, state in states(published).items() if state == "changed"] == ["push"]
    assert world.forge.refs(NAME)["refs/heads/main"] == commit


def test_badges_stand_below_the_title_in_a_commit_of_their_own(world: World) -> None:
    world.write(".github/workflows/ci.yml", "on: push\n")
    world.commit("Test on every push")
    world.publish()
    lines = (world.root / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Spam detector"
    assert [line[3:].split("](")[0].split(":")[0] for line in lines[2:5]] == [
        "Tests", "Licence", "Report",
    ]  # fmt: skip
    assert lines[6].startswith("Can a word list")
    assert world.git("log", "-1", "--format=%s") == f"Show the badges of {NAME}"
    assert world.git("show", "--name-only", "--format=", "HEAD") == "README.md"


def test_badges_wait_while_the_readme_has_uncommitted_changes(world: World) -> None:
    world.write("README.md", "# Half a sentence\n")
    published = world.publish(skip=("all",))
    assert "left out this time" in says(published, "badges")
    assert (world.root / "README.md").read_text(encoding="utf-8") == "# Half a sentence\n"


def test_a_dry_run_prints_every_call_and_changes_nothing(world: World) -> None:
    from scaffold.commands.publish import as_text

    before = world.head()
    planned = world.publish(dry_run=True, topics=("spam",), protect=True, private=True, pages=True)
    text = as_text(planned)
    for call in (
        'POST /user/repos {"name": "spam-detector"', '"private": true', '"has_wiki": false',
        "git commit --only README",
        f"git remote add origin {world.forge.web}/{NAME}.git", "git push origin refs/heads/main",
        f"POST /repos/{NAME}/pages", f"PATCH /repos/{NAME}", f"PUT /repos/{NAME}/topics",
        f"PUT /repos/{NAME}/branches/main/protection",
    ):  # fmt: skip
        assert call in text
    assert world.forge.writes == []
    assert world.forge.repositories == {}
    assert (world.head(), world.git("remote")) == (before, "")


def test_a_dry_run_after_success_has_nothing_to_do(world: World) -> None:
    world.publish()
    assert set(states(world.publish(dry_run=True)).values()) == {"done"}


def test_what_the_dry_run_prints_is_what_the_run_sends(world: World) -> None:
    wishes: dict[str, Any] = {"topics": ("spam",), "protect": True, "description": "Spam or not?"}
    planned = world.publish(dry_run=True, **wishes)
    calls = [call for outcome in planned.outcomes for call in outcome.calls]
    world.publish(**wishes)
    announced = [json.loads(call.split(" ", 2)[2]) for call in calls if not call.startswith("git ")]
    assert announced == world.forge.bodies


def test_an_organisation_owns_what_is_published_for_it(world: World) -> None:
    published = world.publish(owner="team", name="spam")
    assert published.repository == "team/spam"
    assert ("POST", "/orgs/team/repos") in world.forge.calls
    assert world.forge.refs("team/spam")["refs/heads/main"] == world.head()


def test_a_remote_of_ones_own_is_used_and_stays_as_it_is(world: World) -> None:
    world.forge.create("octo/other-name")
    address = f"{world.forge.web}/octo/other-name.git"
    world.git("remote", "add", "upstream", address)
    published = world.publish()
    assert published.repository == "octo/other-name"
    assert world.git("remote", "-v").splitlines() == [
        f"upstream\t{address} (fetch)", f"upstream\t{address} (push)",
    ]  # fmt: skip
    assert world.forge.refs("octo/other-name")["refs/heads/main"] == world.head()


def test_a_remote_that_leads_elsewhere_is_not_replaced(world: World) -> None:
    world.git("remote", "add", "origin", "https://gitlab.example/octo/spam-detector.git")
    world.publish()
    assert world.git("remote", "get-url", "origin") == (
        "https://gitlab.example/octo/spam-detector.git"
    )
    assert world.git("remote", "get-url", "github") == f"{world.forge.web}/{NAME}.git"


def test_a_repository_that_one_may_only_read_is_not_the_place(world: World) -> None:
    """A clone of the teacher's repository goes to one's own account."""
    world.forge.create("stranger/lesson", permissions={"push": False})
    world.git("remote", "add", "origin", f"{world.forge.web}/stranger/lesson.git")
    assert world.publish().repository == NAME


def test_what_somebody_wrote_on_the_forge_stays(world: World) -> None:
    world.publish()
    there = world.forge.repositories[NAME]
    there.update(description="My own words", homepage="https://me.example", topics=["own"])
    world.publish(topics=("spam",))
    assert there["description"] == "My own words"
    assert there["homepage"] == "https://me.example"
    assert there["topics"] == ["own", "spam"]


def test_a_description_of_ours_follows_the_numbers(world: World) -> None:
    world.write("pyproject.toml", '[project]\nname = "spam"\ndescription = "Spam or not"\n')
    world.commit("Say what it is")
    world.publish()
    there = world.forge.repositories[NAME]
    there["description"] = "Spam or not PR-AUC 0.991."
    world.publish()
    assert there["description"] == "Spam or not"


def test_a_description_that_was_asked_for_replaces_any(world: World) -> None:
    world.publish()
    world.forge.repositories[NAME]["description"] = "My own words"
    world.publish(description="Newer words")
    assert world.forge.repositories[NAME]["description"] == "Newer words"


def test_private_has_no_pages_unless_asked_for(world: World) -> None:
    published = world.publish(private=True)
    assert world.forge.repositories[NAME]["private"] is True
    assert world.forge.repositories[NAME]["pages"] is None
    assert says(published, "pages") == "off while private"
    assert published.pages == ""


def test_visibility_of_an_existing_repository_changes_only_when_asked(world: World) -> None:
    world.publish(private=True)
    world.publish()
    assert world.forge.repositories[NAME]["private"] is True
    world.publish(private=False)
    assert world.forge.repositories[NAME]["private"] is False


def test_protection_forbids_force_pushes_and_deletion(world: World) -> None:
    world.publish(protect=True)
    rules = world.forge.repositories[NAME]["protection"]["main"]
    assert rules["allow_force_pushes"] is False
    assert rules["allow_deletions"] is False


def test_a_dirty_tree_publishes_what_is_committed_and_says_so(world: World) -> None:
    world.write("notes.txt", "not yet")
    published = world.publish(skip=())
    assert published.notes == (
        "1 file has changes that are not committed: what is committed was published.",
    )
    listing = world.git("ls-tree", "--name-only", world.forge.refs(NAME)["refs/heads/main"])
    assert "notes.txt" not in listing


def test_blocking_checks_stop_before_anything_is_asked(world: World) -> None:
    world.write(".env", "MODE=fast\n")
    world.commit("Keep the settings")
    with pytest.raises(ChecksFailed, match="SA403") as stopped:
        world.publish(skip=())
    assert world.forge.calls == []
    assert "--skip SA403" in stopped.value.hint
    assert stopped.value.exit_code == 3


def test_a_check_is_left_out_by_name(world: World) -> None:
    world.write(".env", "MODE=fast\n")
    world.commit("Keep the settings")
    published = world.publish(skip=("SA403",))
    assert "Left out of the checks: SA403." in published.notes


def test_skip_all_makes_no_check_and_says_so(world: World) -> None:
    world.write(".env", "MODE=fast\n")
    world.commit("Keep the settings")
    assert "No check was made, as --skip all asks." in world.publish(skip=("all",)).notes


def test_a_misspelt_check_is_a_usage_error(world: World) -> None:
    with pytest.raises(UsageError, match="no check called SA999"):
        world.publish(skip=("SA999",))


def test_a_secret_in_an_old_commit_blocks(world: World) -> None:
    world.write("settings.py", f'AWS = "AKIA{"QWER" * 4}"\n')
    world.commit("Connect to the store")
    world.write("settings.py", 'AWS = ""\n')
    world.commit("Read the key from outside")
    with pytest.raises(ChecksFailed, match="SA402"):
        world.publish(skip=())


def test_history_is_read_whole_however_long_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a quick look leaves unread would stop publishing."""
    monkeypatch.setattr("scaffold.checks.secrets.QUICK", 0)
    for text in ("STORE = 1\n", "STORE = 2\n"):
        world.write("settings.py", text)
        world.commit("Connect to the store")
    assert world.publish(skip=()).repository


def test_no_commit_is_nothing_to_publish(world: World) -> None:
    world.git("update-ref", "-d", "HEAD")
    with pytest.raises(ForgeError, match="no commit yet"):
        world.publish()


def test_a_detached_head_is_refused_with_the_way_back(world: World) -> None:
    world.git("checkout", "--quiet", "--detach")
    with pytest.raises(ForgeError, match="detached") as refused:
        world.publish()
    assert "git switch" in refused.value.hint


def test_a_folder_without_git_is_refused(world: World, tmp_path: os.PathLike[str]) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        World(world.root.parent, world.forge).publish()


def test_a_topic_that_github_would_refuse_is_refused_here(world: World) -> None:
    with pytest.raises(UsageError, match="'Machine Learning' is no topic"):
        world.publish(topics=("Machine Learning",))
    assert world.forge.writes == []


def test_the_command_prints_the_address_and_json(world: World, scaffold: object) -> None:
    assert callable(scaffold)
    called = scaffold("publish", world.root, "--no-pages", "--public")
    assert called.code == 0
    assert f"{NAME} is online.\n  {world.forge.web}/{NAME}\n" in called.out
    os.environ["GH_TOKEN"] = TOKEN
    again = json.loads(scaffold("publish", world.root, "--no-pages", "--json").out)
    assert {outcome["state"] for outcome in again["outcomes"]} == {"done"}


def test_without_a_terminal_nothing_new_becomes_public_by_silence(
    world: World, scaffold: Callable[..., Called]
) -> None:
    os.environ["GH_TOKEN"] = TOKEN
    called = scaffold("publish", world.root, "--skip", "all")
    assert called.code == 2
    assert "nobody said who may see it" in called.err
    assert "--public or --private" in called.err
    assert world.forge.writes == []


@pytest.mark.parametrize("word", ["public", "private"])
def test_account_and_visibility_are_said_before_anything_changes(world: World, word: str) -> None:
    heard: list[tuple[str, int]] = []

    class Listening(Recording):
        def message(self, text: str) -> None:
            heard.append((text, len(world.forge.writes)))

    os.environ["GH_TOKEN"] = TOKEN
    publish(world.root, Wishes(skip=("all",), private=word == "private"), reporter=Listening())
    said = next(text for text, writes in heard if writes == 0)
    for part in ("octo", NAME, word):
        assert part in said
    assert world.forge.repositories[NAME]["private"] is (word == "private")


def test_whoever_sits_at_the_terminal_is_asked(world: World) -> None:
    asked: list[str] = []
    os.environ["GH_TOKEN"] = TOKEN

    def choose(name: str) -> bool:
        asked.append(name)
        return True

    publish(world.root, Wishes(skip=("all",)), choose=choose)
    os.environ["GH_TOKEN"] = TOKEN
    publish(world.root, Wishes(skip=("all",)), choose=choose)
    assert asked == [NAME]
    assert world.forge.repositories[NAME]["private"] is True


NOT_PUBLISHABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "as it was made": (lambda _root: None, "RE202"),
    "README emptied": (lambda root: (root / "README.md").write_text(""), "ST101"),
    "README deleted": (lambda root: (root / "README.md").unlink(), "ST101"),
    "prompts and markers removed": (lambda root: _plain(root, "All is well here."), "ST105"),
    "a number typed instead": (lambda root: _plain(root, "Result: AUC 0.999."), "RE202"),
    "state file deleted": (lambda root: (root / ".scaffold.toml").unlink(), "RE202"),
    "metrics invented": (lambda root: _invent(root, {}), "RE203"),
    "metrics and inputs invented": (lambda root: _invent(root, {"config.toml": ""}), "RE203"),
    "beside x = 1": (lambda root: _nothing(root), "HO307"),
}


def _plain(root: Path, words: str) -> None:
    (root / "README.md").write_text(f"# Spam\n\n{words} {'Words that say little. ' * 12}\n")


def _invent(root: Path, inputs: dict[str, str]) -> None:
    digests = {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in inputs}
    primary = {"name": "auc", "label": "AUC", "value": 0.999, "ci": [0.998, 1.0]}
    primary |= {"baseline": 0.5, "baseline_name": "guessing", "higher_is_better": True}
    comparison = {"difference": 0.4, "ci": [0.3, 0.5]}
    made = {"primary": primary, "comparison": comparison, "inputs": digests}
    (root / "reports").mkdir(exist_ok=True)
    (root / "reports" / "metrics.json").write_text(json.dumps(made))
    _plain(root, "AUC 0.999 beside guessing.")


def _nothing(root: Path) -> None:
    for path in root.rglob("*.py"):
        path.write_text("x = 1\n")
    for path in root.rglob("*.js"):
        path.unlink()
    package = [p.relative_to(root).as_posix() for p in (root / "src").rglob("*.py")]
    _invent(root, dict.fromkeys(package, ""))


@pytest.mark.parametrize("name", NOT_PUBLISHABLE)
def test_an_unrun_or_unwritten_project_is_not_published_whichever_way_it_got_there(
    tmp_path: Path, identity: None, name: str
) -> None:
    from scaffold.checks.review import review
    from scaffold.commands.new import create, plan

    spoil, check = NOT_PUBLISHABLE[name]
    root = create(plan("spam-detector", tmp_path / "spam-detector")).project.root
    spoil(root)
    git("-C", str(root), "add", "--all")
    git("-C", str(root), "commit", "--quiet", "--allow-empty", "-m", "Finish")
    assert check in {finding.check for finding in review(root, whole_history=True).blockers}


def test_an_invented_number_beside_x_equals_1_is_not_published_either(world: World) -> None:
    """In a repository that the tool did not make."""
    world.write(
        "README.md", f"{README}\n## Results\n\n| model | accuracy |\n| - | - |\n| x | 0.99 |\n"
    )
    world.write("requirements.txt", "scikit-learn==1.7\n")
    world.write("main.py", "x = 1\n")
    world.commit()
    with pytest.raises(ChecksFailed, match="HO307"):
        world.publish(skip=())
    world.write("main.py", "from sklearn.svm import SVC\nprint(SVC().fit([[0], [1]], [0, 1]))\n")
    world.commit()
    world.publish(skip=())
