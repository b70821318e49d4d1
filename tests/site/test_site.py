"""What the site shows of each project, and what it never shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scaffold.commands.site import build
from scaffold.site.pages import number, plot
from tests.conftest import Called
from tests.factories import tree, write_files
from tests.site.conftest import read_site
from tests.site.worlds import REPORT, finish, push

MOST_BYTES = 100_000


def test_a_card_shows_the_question_and_the_result_beside_the_baseline(
    finished: Path, here: Path
) -> None:
    built = build([finished], here / "site")
    home = read_site(here / "site")["index.html"]
    assert "Spam detector How much spam can be caught? PR-AUC 0.912 [0.899, 0.925]" in home.text
    assert "keyword rule 0.655" in home.text
    assert [entry.state for entry in built.entries] == ["measured"]
    (picture,) = home.all("img")
    assert picture["alt"] == "Two curves, one above the other."
    assert (picture["width"], picture["height"]) == ("480", "240")


def test_the_page_of_a_project_is_its_report(finished: Path, here: Path) -> None:
    built = build([finished], here / "site")
    page = read_site(here / "site")["projects/spam-detector.html"]
    assert "What a wrong answer costs" in page.text
    assert "result:metrics" not in page.html
    assert [tag for tag, _ in page.tags if tag in {"h1", "h2", "h3"}] == ["h1", "h2", "h2"]
    assert built.entries[0].unwritten == ("why", "learned")
    assert "Yours to write" not in page.text
    assert "What I learned" not in page.text, "an empty section"


def spoil_value(value: object) -> Callable[[dict[str, Any]], object]:
    return lambda measured: measured["primary"].update(value=value)


@pytest.mark.parametrize(
    ("change", "state", "says"),
    [
        (lambda m: m["data"].update(sample=True), "sample", "only a trial run on a small sample"),
        (lambda m: m.clear(), "none", "No results yet."),
        (spoil_value(float("nan")), "none", "No results yet."),
        (spoil_value("very good"), "none", "No results yet."),
        (spoil_value(True), "none", "No results yet."),
    ],
    ids=["sample", "empty", "nan", "text", "boolean"],
)
def test_what_was_not_measured_on_the_real_data_is_no_number(
    here: Path, change: Callable[[dict[str, Any]], object], state: str, says: str
) -> None:
    built = build([finish(here / "p" / "spam", change=change)], here / "site")
    home = read_site(here / "site")["index.html"]
    assert built.entries[0].state == state
    assert says in home.text
    assert "0.9" not in home.text
    assert "0.6" not in home.text
    assert built.entries[0].notes


def test_a_project_that_has_not_been_run_says_so(finished: Path, here: Path) -> None:
    (finished / "reports/metrics.json").unlink()
    build([finished], here / "site")
    home = read_site(here / "site")["index.html"]
    assert "No results yet." in home.text
    assert not home.all("img")


def test_results_from_the_sample_are_left_out_of_the_report(here: Path) -> None:
    finish(here / "p" / "spam", change=lambda m: m["data"].update(sample=True))
    build([here / "p"], here / "site")
    text = read_site(here / "site")["projects/spam.html"].text
    assert "What a wrong answer costs" in text
    assert "its numbers are left out" in text
    assert "0.912" not in text


def test_a_result_of_older_code_says_so(finished: Path, here: Path) -> None:
    (finished / "src/package/model.py").write_text("C = 9.0\n", encoding="utf-8")
    built = build([finished], here / "site")
    assert built.entries[0].state == "outdated"
    text = read_site(here / "site")["index.html"].text
    assert "Measured before the latest change of the code or the data." in text


def test_a_difference_that_may_be_zero_is_told(here: Path) -> None:
    finish(here / "p" / "spam", change=lambda m: m["comparison"].update(ci=[-0.01, 0.02]))
    build([here / "p"], here / "site")
    assert "No clear difference from the baseline." in read_site(here / "site")["index.html"].text


@pytest.mark.parametrize("interval", [[0.01, 0.02], [-0.02, -0.01]])
def test_a_difference_that_leaves_out_zero_is_clear_in_either_direction(
    here: Path, interval: list[float]
) -> None:
    finish(here / "p" / "spam", change=lambda m: m["comparison"].update(ci=interval))
    build([here / "p"], here / "site")
    assert "No clear difference" not in read_site(here / "site")["index.html"].text


def test_a_broken_interval_is_left_out(here: Path) -> None:
    finish(here / "p" / "spam", change=lambda m: m["primary"].update(ci=[0.9]))
    (entry,) = build([here / "p"], here / "site").entries
    assert entry.result is not None
    assert entry.result.interval is None
    assert "interval." not in read_site(here / "site")["index.html"].text.split("Each number")[0]


def test_every_address_leads_somewhere_below_any_path(here: Path) -> None:
    push(finish(here / "p" / "one"))
    finish(here / "p" / "two")
    (here / "portfolio.toml").write_text('about = "# Hello\\n\\nText."\n', encoding="utf-8")
    build([here / "p"], here / "site")
    pages = read_site(here / "site")
    assert set(pages) == {"index.html", "projects/one.html", "projects/two.html"}
    assert {name: page.broken for name, page in pages.items()} == {name: [] for name in pages}


def test_code_is_linked_where_it_has_been_pushed_and_only_there(here: Path) -> None:
    push(finish(here / "p" / "pushed"))
    built = build([push(finish(here / "q" / "other"), str(here / "bare.git")), here / "p"],
                  here / "site")  # fmt: skip
    other, pushed = built.entries
    assert (other.code, pushed.code) == ("", "https://github.com/ada/spam-detector")
    addresses = read_site(here / "site")["projects/pushed.html"].addresses
    assert "https://github.com/ada/spam-detector/blob/HEAD/src/package/model.py" in addresses
    assert not [address for address in addresses if "nowhere" in address]
    assert "a file that is not there" in read_site(here / "site")["projects/pushed.html"].text


def test_a_remote_that_nothing_was_pushed_to_is_no_link(here: Path) -> None:
    from tests.factories import git

    root = push(finish(here / "spam"))
    git(root, "update-ref", "-d", "refs/remotes/origin/main")
    assert build([root], here / "site").entries[0].code == ""


def make_demo(project: Path, **facts: Any) -> None:
    """A demo of the model that `metrics` measured, as the project's own `demo` leaves it."""
    measured = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    measured["digests"] = {"model": "a" * 64}
    told = json.dumps({"model_sha256": "a" * 64, "publish": True, **facts})
    page = '<!doctype html><html lang="en"><script src="app.js"></script></html>'
    (project / "reports" / "metrics.json").write_text(json.dumps(measured), encoding="utf-8")
    write_files(project, {"demo/index.html": page, "demo/app.js": "run();", "demo/demo.json": told})


def test_a_demo_stands_in_the_sites_own_folder_and_the_card_says_try_it(
    finished: Path, here: Path
) -> None:
    make_demo(finished)
    built = build([finished], here / "site")
    folder = here / "site" / "demos" / "spam-detector"
    assert sorted(path.name for path in folder.iterdir()) == ["app.js", "demo.json", "index.html"]
    assert built.demo_bytes > 0
    pages = read_site(here / "site")
    for name, address in {
        "index.html": "demos/spam-detector/index.html",
        "projects/spam-detector.html": "../demos/spam-detector/index.html",
    }.items():
        assert address in pages[name].addresses
        assert "Try it" in pages[name].text
        assert pages[name].broken == []


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"publish": False, "why": "the titles may not be passed on"}, "titles"),
        ({"model_sha256": "b" * 64}, "another model"),
    ],
)
def test_a_demo_that_may_not_be_shown_is_not_in_the_site(
    finished: Path, here: Path, facts: dict[str, Any], why: str
) -> None:
    make_demo(finished)
    build([finished], here / "site")
    make_demo(finished, **facts)
    built = build([finished], here / "site")
    assert not (here / "site" / "demos").exists()
    assert why in " ".join(built.entries[0].notes)
    assert "Try it" not in read_site(here / "site")["index.html"].text


def test_a_demo_is_linked_where_the_author_gives_one(finished: Path, here: Path) -> None:
    (finished / "pyproject.toml").write_text(
        '[project]\nname = "x"\nurls = { Demo = "https://demo.example.com/" }\n', encoding="utf-8"
    )
    build([finished], here / "site")
    assert "https://demo.example.com/" in read_site(here / "site")["index.html"].addresses


ATTACK = """\
# <script>alert(1)</script>

## <img src=x onerror=alert(1)> Results

<script>alert(2)</script>

<iframe src="https://evil.example"></iframe><b onclick="alert(3)">bold</b>

[one](javascript:alert(4)) [two](JaVaScRiPt:alert(5)) [three](data:text/html,<script>)
[four](//evil.example) [five](vbscript:x) [eleven](ftp://evil.example)
![six](javascript:alert(6)) ![seven](../../secret.png)
![eight](https://evil.example/pixel.png) <a href="javascript:alert(7)">nine</a>
![ten](reports/figures/scripted.svg) ![el"even><script>](reports/figures/curve.svg)
"""


@pytest.mark.parametrize("tag", ["script", "SCRIPT"])
def test_text_of_a_project_runs_nothing(here: Path, tag: str) -> None:
    evil = "<script>alert(0)</script>"
    root = finish(here / "p" / "spam", title=evil, question=f"Why {evil}?", report=ATTACK,
                  change=lambda m: m["primary"].update(label=evil, baseline_name=evil))  # fmt: skip
    scripted = f"<svg xmlns='http://www.w3.org/2000/svg'><{tag}>alert(8)</{tag}></svg>"
    (root / "reports/figures/scripted.svg").write_text(scripted, encoding="utf-8")
    (here / "secret.png").write_bytes(b"secret")
    build([root], here / "site")
    for page in read_site(here / "site").values():
        assert not page.all("script")
        assert not page.all("iframe")
        assert not [key for _, values in page.tags for key in values if key.startswith("on")]
        hosts = {address.partition(":")[0] for address in page.addresses if ":" in address}
        assert hosts <= {"https"}
        assert not [address for address in page.addresses if "evil" in address]
        assert page.broken == []
    written = b"".join(tree(here / "site").values())
    assert b"secret" not in written
    assert b"alert(8)" not in written


def test_a_picture_outside_of_the_project_is_not_copied(here: Path) -> None:
    root = finish(here / "p" / "spam", report="![x](reports/link.svg)\n")
    outside = here / "outside.svg"
    outside.write_text("<svg xmlns='http://www.w3.org/2000/svg'>private</svg>", encoding="utf-8")
    try:
        (root / "reports/link.svg").symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no symbolic links for us")
    build([root], here / "site")
    assert b"private" not in b"".join(tree(here / "site").values())


def test_two_projects_of_one_name_have_pages_of_their_own(here: Path) -> None:
    finish(here / "a" / "spam", title="First")
    finish(here / "b" / "spam", title="Second")
    build([here / "a", here / "b"], here / "site")
    pages = read_site(here / "site")
    assert "First" in pages["projects/spam.html"].text
    assert "Second" in pages["projects/spam-2.html"].text


def test_the_same_projects_give_the_same_bytes(here: Path) -> None:
    for name in ("one", "two"):
        push(finish(here / "p" / name))
    build([here / "p"], here / "first", address="https://ada.example/")
    build([here / "p"], here / "second", address="https://ada.example/")
    assert tree(here / "first") == tree(here / "second")
    assert not build([here / "p"], here / "second", address="https://ada.example/").changed


def test_an_address_gives_a_sitemap_and_previews(here: Path) -> None:
    push(finish(here / "p" / "spam"))
    build([here / "p"], here / "site", address="https://ada.example/work/")
    sitemap = (here / "site/sitemap.xml").read_text(encoding="utf-8")
    assert "<loc>https://ada.example/work/projects/spam.html</loc><lastmod>20" in sitemap
    page = read_site(here / "site")["projects/spam.html"]
    meta = {values.get("property"): values["content"] for values in page.all("meta")
            if "content" in values}  # fmt: skip
    assert meta["og:url"] == "https://ada.example/work/projects/spam.html"
    assert meta["og:image"] == "https://ada.example/work/figures/spam/curve.png"
    assert (here / "site/figures/spam/curve.png").is_file()
    assert "PR-AUC 0.912 [0.899, 0.925]; keyword rule: 0.655." in meta["og:description"]


def test_without_an_address_nothing_absolute_is_invented(finished: Path, here: Path) -> None:
    built = build([finished], here / "site")
    assert not (here / "site/sitemap.xml").exists()
    assert "canonical" not in read_site(here / "site")["index.html"].html
    assert any("sitemap" in note for note in built.notes)


def test_a_page_stays_small(here: Path) -> None:
    for index in range(7):
        finish(here / "p" / f"project-{index}", report=REPORT + "\nA long report. " * 1000)
    build([here / "p"], here / "site")
    shared = sum((here / "site" / name).stat().st_size for name in ("style.css", "filter.js"))
    sizes = {name: shared + len(page.html) for name, page in read_site(here / "site").items()}
    assert max(sizes.values()) < MOST_BYTES
    assert sizes["index.html"] < MOST_BYTES / 3


def test_numbers_and_their_drawing_agree() -> None:
    assert [number(value) for value in (0.9126, -0.5, 12.345, 54321.0)] == [
        "0.913", "−0.500", "12.3", "54,300",
    ]  # fmt: skip
    from scaffold.results import Results

    result = Results("x", "x", 0.8, (0.7, 0.9), 0.5)
    drawn = plot(result)
    assert drawn is not None
    assert drawn["baseline"] < drawn["low"] < drawn["value"] < drawn["high"]
    assert (drawn["value"] - drawn["low"]) == pytest.approx(drawn["high"] - drawn["value"])


def test_the_command_line_says_what_is_left_out(
    finished: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    called = scaffold("site", "projects")
    assert called.code == 0
    assert "1 project, 1 with a measured result" in called.out
    assert "not yet written, so left out: why, learned" in called.out
    assert "portfolio.toml" in called.out
    assert (here / "site/index.html").is_file()


def test_a_project_whose_state_cannot_be_read_is_named(
    finished: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    (finished / ".scaffold.toml").write_text("[source", encoding="utf-8")
    called = scaffold("site", "projects")
    assert called.code == 1
    assert "spam-detector" in called.err
    assert not (here / "site").exists()


def test_headings_keep_their_order_and_ids_of_their_own(finished: Path, here: Path) -> None:
    (here / "portfolio.toml").write_text(
        'about = "## About\\n\\nText.\\n\\n# Filter\\n\\nText."\n', encoding="utf-8"
    )
    deep = "# Title\n\n#### Deep\n\nText.\n\n# High\n\nText.\n\n## Deep\n\nText.\n"
    (finished / "REPORT.md").write_text(deep, encoding="utf-8")
    build([finished], here / "site")
    for page in read_site(here / "site").values():
        levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4", "h5"}]
        assert levels.count(1) == 1
        assert all(later - level <= 1 for level, later in pairwise(levels))
        ids = [values["id"] for _, values in page.tags if "id" in values]
        assert len(ids) == len(set(ids))


def test_json_names_every_project(
    finished: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    found = json.loads(scaffold("site", "projects", "-o", "out", "--json").out)
    (project,) = found["projects"]
    assert (project["state"], project["page"]) == ("measured", "projects/spam-detector.html")
    assert project["result"]["baseline"] == 0.6549
    assert found["published"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["site"], 2, "Missing argument"),
        (["site", "nowhere"], 1, "is not a folder"),
        (["site", "."], 1, "holds none"),
        (["site", "projects", "--dry-run"], 2, "goes with --publish"),
        (["site", "projects", "--about", "nobody.toml"], 1, "cannot be read"),
    ],
)
def test_what_cannot_be_done_says_why(
    finished: Path, scaffold: Callable[..., Called], arguments: list[str], code: int, says: str
) -> None:
    called = scaffold(*arguments)
    assert called.code == code
    assert says in called.err
