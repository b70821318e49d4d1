"""The demo on the pages: what is put there, that it opens, and what never gets there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scaffold import results
from scaffold.publishing import demo
from tests.publishing.conftest import World
from tests.publishing.fake_github import git, hanging_up_after
from tests.publishing.test_flow import NAME, says, states
from tests.slow.browser import FLAGS, chromium

MODEL = "a" * 64
PAGE = '<!doctype html><html lang="en"><p id="said">…</p><script src="app.js"></script></html>'
SCRIPT = """\
fetch("model.json").then((answer) => answer.json())
  .then((model) => { document.getElementById("said").textContent = `weight ${model.weight}`; });
"""


def measure(world: World, model: str = MODEL, **data: Any) -> None:
    """Commit the results of a run."""
    primary = {"name": "pr_auc", "label": "PR-AUC", "value": 0.9}
    found = {"primary": primary, "digests": {"model": model}, "data": data}
    world.write("reports/metrics.json", json.dumps(found))
    world.write(".gitignore", "demo/\n")
    world.write(".github/workflows/ci.yml", "on: push\n")
    world.commit("Measure it")


def make_demo(world: World, weight: float = 0.5, **facts: Any) -> None:
    """What a project's own `demo` leaves in demo/, which git ignores."""
    told = {"model_sha256": MODEL, "publish": True, **facts}
    for name, text in {
        "index.html": PAGE, "app.js": SCRIPT, "model.json": json.dumps({"weight": weight}),
        "demo.json": json.dumps(told),
    }.items():  # fmt: skip
        world.write(f"demo/{name}", text)


@pytest.fixture
def ready(world: World) -> World:
    """A measured project with its demo."""
    measure(world)
    make_demo(world)
    return world


def on_the_pages(world: World) -> list[str]:
    branch = world.forge.repositories[NAME]["pages"]["source"]["branch"]
    bare = str(world.forge.bare(NAME))
    return git("-C", bare, "ls-tree", "-r", "--name-only", branch).splitlines()


def readme(world: World) -> str:
    return (world.root / "README.md").read_text(encoding="utf-8")


def homepage(world: World) -> str:
    return str(world.forge.repositories[NAME]["homepage"])


def test_the_demo_stands_on_the_pages_beside_the_report(ready: World) -> None:
    published = ready.publish()
    there = on_the_pages(ready)
    assert {"README.md", "REPORT.md", "demo/index.html", "demo/model.json"} <= set(there)
    assert not [path for path in there if path.startswith(".github/")]
    address = f"{ready.forge.web}/pages/{NAME}/demo/"
    assert homepage(ready) == published.demo == address
    assert readme(ready).splitlines()[2].endswith(f"]({address})")
    main = git("-C", str(ready.forge.bare(NAME)), "ls-tree", "-r", "--name-only", "main")
    assert "demo/" not in main


@pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")
def test_the_published_demo_opens_in_a_browser(ready: World) -> None:
    from playwright.sync_api import sync_playwright

    published = ready.publish()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page()
        page.goto(published.demo)
        page.wait_for_function("document.getElementById('said').textContent !== '…'")
        assert page.inner_text("#said") == "weight 0.5"
        browser.close()


def test_a_second_run_with_a_demo_changes_nothing(ready: World) -> None:
    ready.publish()
    commit, writes = ready.head(), list(ready.forge.writes)
    again = ready.publish()
    assert set(states(again).values()) == {"done"}
    assert (ready.head(), ready.forge.writes) == (commit, writes)


def test_a_dry_run_shows_the_demo_and_pushes_nothing(ready: World) -> None:
    from scaffold.commands.publish import as_text

    planned = as_text(ready.publish(dry_run=True))
    assert "with demo/ (4 files)" in planned
    assert "COMMIT:refs/heads/gh-pages" in planned
    assert '"branch": "gh-pages"' in planned
    assert ready.forge.writes == []


def test_a_demo_made_later_moves_the_pages_and_leads_there(world: World) -> None:
    measure(world)
    world.publish()
    assert homepage(world).endswith("/REPORT.html")
    make_demo(world)
    world.publish()
    assert world.forge.repositories[NAME]["pages"]["source"]["branch"] == "gh-pages"
    assert homepage(world).endswith("/demo/")
    assert readme(world).count("Demo: try it") == 1


def test_a_newer_demo_follows_the_older_without_force(ready: World) -> None:
    ready.publish()
    before = ready.forge.refs(NAME)["refs/heads/gh-pages"]
    make_demo(ready, weight=0.7)
    ready.publish()
    bare = str(ready.forge.bare(NAME))
    assert git("-C", bare, "rev-parse", "gh-pages~1").strip() == before
    assert '"weight": 0.7' in git("-C", bare, "show", "gh-pages:demo/model.json")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "its data's terms": ({"publish": False, "why": "the titles may not be passed on"}, "titles"),
    "another model": ({"model_sha256": "b" * 64}, "another model"),
    "no word on it": ({"publish": None}, "does not say whether"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_demo_that_may_not_be_shown_stays_here_and_it_says_why(world: World, name: str) -> None:
    facts, why = REFUSED[name]
    measure(world)
    make_demo(world, **facts)
    planned = world.publish(dry_run=True)
    assert why in says(planned, "demo")
    published = world.publish()
    assert [
        note for note in published.notes if "The demo was not put online" in note and why in note
    ]
    assert published.demo == ""
    assert "Demo:" not in readme(world)
    assert "refs/heads/gh-pages" not in world.forge.refs(NAME)


def test_a_demo_that_may_be_shown_no_more_is_taken_off_and_the_report_stays(ready: World) -> None:
    ready.publish()
    facts, _ = REFUSED["no word on it"]
    make_demo(ready, **facts)
    ready.publish()
    there = on_the_pages(ready)
    assert {"README.md", "REPORT.md"} <= set(there)
    assert not [path for path in there if path.startswith((".github/", "demo/"))]


def test_a_demo_of_a_model_that_only_saw_the_sample_stays_here(world: World) -> None:
    measure(world, sample=True)
    make_demo(world)
    assert "sample only" in says(world.publish(), "demo")


@pytest.mark.parametrize("facts", [{"publish": False, "why": "its terms"}, {"model_sha256": ""}])
def test_a_demo_that_may_no_longer_be_shown_is_taken_off(ready: World, facts: Any) -> None:
    ready.publish()
    make_demo(ready, **facts)
    ready.publish()
    assert "demo/index.html" not in on_the_pages(ready)
    assert "Demo:" not in readme(ready)
    assert homepage(ready).endswith("/REPORT.html")
    assert set(states(ready.publish()).values()) == {"done"}


def test_a_clone_without_the_demo_keeps_the_one_that_is_online(
    ready: World, tmp_path: Path
) -> None:
    ready.publish()
    bare, clone = ready.forge.bare(NAME), tmp_path / "clone"
    git("clone", "--quiet", "--branch", "main", "--single-branch", str(bare), str(clone))
    other = World(clone, ready.forge)
    other.git("remote", "set-url", "origin", f"{ready.forge.web}/{NAME}.git")
    other.write("notes.md", "More.\n")
    other.commit("Say more")
    published = other.publish()
    assert {"notes.md", "demo/index.html"} <= set(on_the_pages(ready))
    assert published.demo
    measure(other, model="c" * 64)  # a model that the demo online does not run
    other.publish()
    assert "demo/index.html" not in on_the_pages(ready)


def test_pages_and_a_branch_of_ones_own_are_left_alone(ready: World) -> None:
    ready.forge.create(NAME, pages={"build_type": "workflow", "source": None})
    published = ready.publish()
    assert "not served as publishing set them up" in says(published, "demo")
    assert ready.forge.repositories[NAME]["pages"] == {"build_type": "workflow", "source": None}


def test_a_branch_called_gh_pages_of_ones_own_is_left_alone(ready: World) -> None:
    ready.forge.create(NAME)
    ready.git("push", "--quiet", str(ready.forge.bare(NAME)), "HEAD:refs/heads/gh-pages")
    own = ready.head()
    published = ready.publish()
    assert "holds other work" in says(published, "demo")
    assert ready.forge.refs(NAME)["refs/heads/gh-pages"] == own
    assert ready.forge.repositories[NAME]["pages"]["source"]["branch"] == "main"


def test_a_branch_called_gh_pages_that_is_worked_on_gets_no_commit_of_ours(ready: World) -> None:
    ready.git("branch", "--move", "gh-pages")
    published = ready.publish()
    assert "what you work on" in says(published, "demo")
    assert ready.forge.refs(NAME)["refs/heads/gh-pages"] == ready.head()


def test_a_project_that_can_make_a_demo_is_told_how(world: World) -> None:
    measure(world)
    assert world.publish().notes[:-1] == ()
    world.write("src/spam/kit/demo.py", "make()\n")
    world.commit()
    assert "`python -m spam demo` makes one" in world.publish().notes[0]
    make_demo(world)
    assert world.publish().notes[:-1] == ()


def test_a_lost_answer_to_the_push_of_the_pages_is_no_second_push(world: World) -> None:
    measure(world)
    world.publish()
    make_demo(world)
    world.forge.fail("POST", "git-receive-pack$", hanging_up_after, times=2)
    world.forge.fail("PUT", "/pages$", 500)
    published = world.publish()
    assert states(published)["demo"] == states(published)["pages"] == "changed"
    bare = str(world.forge.bare(NAME))
    assert git("-C", bare, "rev-list", "--count", "gh-pages").strip() == "1"
    assert "demo/index.html" in on_the_pages(world)


def test_private_keeps_the_demo_here(ready: World) -> None:
    published = ready.publish(private=True)
    assert "The demo was not put online: the pages are off." in published.notes


def test_a_link_or_a_hidden_file_is_not_carried_out_with_a_demo(ready: World) -> None:
    committed = results.read(ready.root)
    (ready.root / "demo" / ".env").write_text("KEY=1\n", encoding="utf-8")
    found = demo.read(ready.root, committed)
    assert found is not None
    assert "demo/.env is no plain file" in found.withheld
    (ready.root / "demo" / ".env").unlink()
    (ready.root / "demo" / "notes.txt").symlink_to("/etc/hostname")
    found = demo.read(ready.root, committed)
    assert found is not None
    assert "demo/notes.txt is no plain file" in found.withheld
