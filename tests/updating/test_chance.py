"""What a template makes by chance keeps the author's value; what it changed on purpose comes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.git import Repository
from scaffold.updating import chance, pristine
from tests.conftest import Called
from tests.factories import Files, git, make_template_repo, write_files
from tests.updating.worlds import commit

Run = Callable[..., Called]


@pytest.fixture
def repository(tmp_path: Path, identity: None) -> Repository:
    root = tmp_path / "project"
    root.mkdir()
    return Repository.init(root)


def tree_of(repository: Repository, files: Files) -> str:
    number = next(_numbers)
    folder = write_files(repository.root.parent / f"rendering-{number}", files)
    return pristine.write_tree(repository, folder)[0]


_numbers = itertools.count()


def text_of(repository: Repository, tree: str, path: str) -> str | None:
    return repository.read(tree, path)


def pem(*lines: str) -> str:
    return "\n".join(["-----BEGIN KEY-----", *lines, "-----END KEY-----", ""])


CASES: dict[str, tuple[str | bytes, ...]] = {
    "a password": ("A=1\nP=r1\nB=1\n", "A=1\nP=r2\nB=1\n", "A=1\nP=r3\nB=1\n", "A=1\nP=r1\nB=1\n"),
    "a change above and below": (
        "A=1\nPW=r1\nB=1\n", "A=1\nPW=r2\nB=1\n", "A=2\nPW=r3\nB=2\n", "A=2\nPW=r1\nB=2\n",
    ),
    "lines added right beside it": (
        "PW=r1\n", "PW=r2\n", "NEW=1\nPW=r3\nOLD=0\n", "NEW=1\nPW=r1\nOLD=0\n",
    ),
    "neighbours that chance made both": (
        "PW=r1\nKEY=s1\n", "PW=r2\nKEY=s2\n", "KEY=s3\nMORE=1\nPW=r3\n", "KEY=s1\nMORE=1\nPW=r1\n",
    ),
    "values that begin and end alike": (
        "PW = 'abc1xyz'\n", "PW = 'abc2xyz'\n", "# new\nPW = 'q'\n", "# new\nPW = 'abc1xyz'\n",
    ),
    "JSON": (
        '{\n "key": "r1",\n "a": 1\n}\n', '{\n "key": "r2",\n "a": 1\n}\n',
        '{\n "b": 2,\n "key": "r3"\n}\n', '{\n "b": 2,\n "key": "r1"\n}\n',
    ),
    "two values in one line": (
        "URL=postgres://u1:r1@db/x\n", "URL=postgres://u2:r2@db/x\n",
        "A=1\nURL=postgres://u3:r3@db/x\n", "A=1\nURL=postgres://u1:r1@db/x\n",
    ),
    "the line changed behind its value": (
        "URL=db://u:r1@old/x\n", "URL=db://u:r2@old/x\n", "URL=db://u:r3@new/x\n",
        "URL=db://u:r1@new/x\n",
    ),
    "a remark behind the value": (
        "PW=r1\n", "PW=r2\n", "PW=r3  # change it\n", "PW=r1  # change it\n",
    ),
    "a value with signs of its own": (
        "K = 'a\"#1'\n", "K = 'z=!2'\n", "J = 1\nK = 'q;/3'\n", "J = 1\nK = 'a\"#1'\n",
    ),
    "words for a value": ("PW=one two\n", "PW=red\n", "A\nPW=blue\n", "A\nPW=one two\n"),
    "the same name twice": (
        "one:\n  pw: r1\ntwo:\n  pw: s1\n", "one:\n  pw: r2\ntwo:\n  pw: s2\n",
        "zero: 0\none:\n  pw: r3\ntwo:\n  pw: s3\n  user: u\n",
        "zero: 0\none:\n  pw: r1\ntwo:\n  pw: s1\n  user: u\n",
    ),
    "a key of many lines": (
        "A\n" + pem("a1", "b1", "c1"), "A\n" + pem("a2", "b2"), "B\n" + pem("a3", "b3") + "C\n",
        "B\n" + pem("a1", "b1", "c1") + "C\n",
    ),
    "a file that is one value": ("r1\n", "r2\n", "r3\n", "r1\n"),
    "a file that is one value, without a line end": ("r1", "r2", "r3", "r1"),
    "the template took the value out": ("A=1\nPW=r1\n", "A=1\nPW=r2\n", "A=2\n", "A=2\n"),
    "a fixed line of the same form stays": (
        "- name: r1\nx\n- name: fixed\n", "- name: r2\nx\n- name: fixed\n", "x\n- name: fixed\n",
        "x\n- name: fixed\n",
    ),
    "the new version has a constant": ("PW=r1\n", "PW=r2\n", "PW=changeme\n", "PW=r1\n"),
    "line ends of Windows": (
        "A=1\r\nPW=r1\r\n", "A=1\r\nPW=r2\r\n", "A=2\r\nPW=r3\r\n", "A=2\r\nPW=r1\r\n",
    ),
    "bytes that are no text": (b"\0r1", b"\0r2", b"\0r3", b"\0r1"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_authors_value_stays_and_the_change_around_it_comes(
    name: str, repository: Repository
) -> None:
    base, again, new, wanted = (
        text if isinstance(text, bytes) else text.encode() for text in CASES[name]
    )
    trees = [tree_of(repository, {"f": text, "fixed": "x\n"}) for text in (new, base, again)]
    kept = chance.keep(repository, *trees)
    assert text_of(repository, kept.tree, "f") == wanted.decode()
    assert text_of(repository, kept.tree, "fixed") == "x\n"


def test_a_value_without_a_place_is_told_by_its_name_and_not_shown(repository: Repository) -> None:
    texts = ("A\nP4 = 's9'\nB\n", "A\nPASS = 'hunter2'\nB\n", "A\nPASS = 'other'\nB\n")
    new, base, again = (tree_of(repository, {"f": text}) for text in texts)
    kept = chance.keep(repository, new, base, again)
    assert kept.notes == ("f: your PASS has no place in the new version.",)


@pytest.mark.parametrize("changed", ["x\nr3\ny\n", "r3\nx\nz\n"])
def test_values_without_a_name_amid_changes_leave_the_file_as_it_was(
    repository: Repository, changed: str
) -> None:
    new, base, again = (
        tree_of(repository, {"f": text}) for text in (changed, "r1\nz\n", "r2\nz\n")
    )
    kept = chance.keep(repository, new, base, again)
    assert text_of(repository, kept.tree, "f") == "r1\nz\n"
    assert "f is left as it was" in kept.notes[0]


def test_what_was_given_on_purpose_is_no_chance(repository: Repository) -> None:
    texts = ("KEY=wanted\nPW=r3\n", "KEY=old\nPW=r1\n", "KEY=wanted\nPW=r2\n")
    new, base, again = (tree_of(repository, {"f": text}) for text in texts)
    kept = chance.keep(repository, new, base, again, ["wanted"])
    assert text_of(repository, kept.tree, "f") == "KEY=wanted\nPW=r1\n"


DICE = "{{ range(9) | random }}"
TOP = "{{cookiecutter.slug}}"
HOOK = """\
import secrets
from pathlib import Path

path = Path("settings.py")
path.write_text(path.read_text().replace("!!!", secrets.token_hex(16)))
lines = ["BEGIN", *(secrets.token_hex(32) for _ in range(3)), "END", ""]
Path("key.pem").write_text("\\n".join(lines))
"""


def cookiecutter(version: int) -> Files:
    return {
        "cookiecutter.json": json.dumps({"slug": "made"}),
        "hooks/post_gen_project.py": HOOK,
        f"{TOP}/settings.py": f"DEBUG = {version}\nSECRET_KEY = '!!!'\nVERSION = {version}\n",
        f"{TOP}/env.txt": f"USER=u{version}\n"
        + ("PASSWORD={{ random_ascii_string(24) }}\n" if version < 9 else "")
        + f"HOST=h{version}\n",
        f"{TOP}/plain.txt": f"{version}\n",
    }


def copier(version: int) -> Files:
    return {
        "copier.yml": """\
            _tasks: ['python -c "import secrets; print(secrets.token_hex())" > key']
            """,
        "env.txt.jinja": f"USER=u{version}\n"
        "PASSWORD={{ range(99999) | random }}\n"
        f"HOST=h{version}\n",
        "settings.py": f"VERSION = {version}\n",
        "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers|to_nice_yaml }}",
    }


@pytest.mark.parametrize("kind", [cookiecutter, copier])
@pytest.mark.parametrize("history", ["whole", "squashed", "version gone"])
def test_an_update_keeps_passwords_and_brings_what_changed_beside_them(
    kind: Callable[[int], Files], history: str, tmp_path: Path, here: Path, identity: None,
    scaffold: Run,
) -> None:  # fmt: skip
    folder = make_template_repo(tmp_path / "template", {"v1": kind(1)})
    assert scaffold("new", folder, "made", "--yes", "--trust").code == 0
    root = here / "made"
    secret = {
        path: (root / path).read_text()
        for path in ("env.txt", "settings.py", "key.pem", "key")
        if (root / path).exists()
    }
    if history == "squashed":
        for ref in git(root, "for-each-ref", "--format=%(refname)", "refs/scaffold/").split():
            git(root, "update-ref", "-d", ref)
        squashed = git(root, "commit-tree", "HEAD^{tree}", "-m", "Everything")
        git(root, "reset", "--quiet", "--hard", squashed)
    write_files(folder, kind(2))
    git(folder, "commit", "--quiet", "--all", "--message", "2")
    git(folder, "tag", "v2")
    if history == "version gone":
        orphan = git(folder, "commit-tree", "HEAD^{tree}", "-m", "2")
        git(folder, "reset", "--quiet", "--hard", orphan)
        git(folder, "tag", "--delete", "v1", "v2")
        git(folder, "tag", "v2")
        git(folder, "reflog", "expire", "--expire=now", "--all")
        git(folder, "gc", "--quiet", "--prune=now")

    called = scaffold("update", root, "--yes")

    assert called.code == 0, called.out + called.err
    for path, before in secret.items():
        wanted = before
        for old, new in (("USER=u1", "USER=u2"), ("HOST=h1", "HOST=h2"), ("DEBUG = 1", "DEBUG = 2"),
                         ("VERSION = 1", "VERSION = 2")):  # fmt: skip
            wanted = wanted.replace(old, new)
        assert (root / path).read_text() == wanted
    assert scaffold("update", root, "--yes").out.startswith("Nothing to do")


def test_a_version_that_only_differs_by_chance_is_nothing_new_but_its_number(
    tmp_path: Path, here: Path, identity: None, scaffold: Run
) -> None:
    files = {**copier(1)}
    del files["{{ _copier_conf.answers_file }}.jinja"]
    folder = make_template_repo(tmp_path / "template", {"v1": files})
    assert scaffold("new", folder, "made", "--yes", "--trust").code == 0
    before = (here / "made" / "env.txt").read_text()
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "2")
    git(folder, "tag", "v2")
    called = scaffold("update", here / "made", "--yes")
    assert called.code == 0
    assert "  1 file changed" in called.out, "the state file"
    assert (here / "made" / "env.txt").read_text() == before


def test_a_password_that_the_author_changed_stays_changed(
    tmp_path: Path, here: Path, identity: None, scaffold: Run
) -> None:
    folder = make_template_repo(tmp_path / "template", {"v1": copier(1)})
    scaffold("new", folder, "made", "--yes", "--trust")
    root = here / "made"
    env = root / "env.txt"
    env.write_text("USER=u1\nPASSWORD=mine\nHOST=h1\n")
    commit(root)
    write_files(folder, copier(2))
    git(folder, "commit", "--quiet", "--all", "--message", "2")
    git(folder, "tag", "v2")
    called = scaffold("update", root, "--yes")
    assert called.code in {0, 4}
    assert "PASSWORD=mine\n" in env.read_text()


def minding(version: int) -> Files:
    """A template whose tasks and files differ in an update, with chance on both sides."""
    return {
        **copier(version),
        "copier.yml": """\
            _tasks:
              - 'python -c "import secrets; print(secrets.token_hex())" > key'
              - command: 'python -c "print(1)" > once'
                when: "{{ _copier_operation == 'copy' }}"
            """,
    }


def test_a_base_rendered_as_an_update_has_the_authors_values_in_diff_and_update(
    tmp_path: Path, here: Path, identity: None, scaffold: Run
) -> None:
    folder = make_template_repo(tmp_path / "template", {"v1": minding(1), "v2": minding(2)})
    assert scaffold("new", folder, "made", "--yes", "--trust", "--ref", "v1").code == 0
    root = here / "made"
    before = {name: (root / name).read_text() for name in ("env.txt", "key")}

    shown = scaffold("diff", root, "--yes")
    assert shown.code == 0, shown.err
    changed = {line for line in shown.out.splitlines() if line[1:].startswith(("USER", "PASS"))}
    assert changed >= {"-USER=u1", "+USER=u2"}
    assert not any(line[0] in "+-" for line in changed if "PASS" in line)
    assert not any(f"b/{name}\n" in shown.out for name in ("key", "once"))

    called = scaffold("update", root, "--yes")
    assert called.code == 0, called.out + called.err
    wanted = before["env.txt"].replace("u1", "u2").replace("h1", "h2")
    assert (root / "env.txt").read_text() == wanted
    assert (root / "key").read_text() == before["key"]
    assert (root / "once").exists()


def test_the_catalogue_is_rendered_once(
    project: Path, scaffold: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the catalogue leaves nothing to chance")

    monkeypatch.setattr("scaffold.updating.plan._Recorded.render", never)
    monkeypatch.setattr("scaffold.updating.chance.keep", never)
    git(project, "config", "user.name", "Ada")
    git(project, "config", "user.email", "ada@example.com")
    assert scaffold("update", project, "--yes", "--set", "question=Why?").code == 0


@pytest.mark.parametrize(
    ("before", "after", "renderings"),
    [
        ("fixed", "fixed too", 1),
        ("fixed", "{{ range(9)|random }}", 2),
        ("{{ range(9)|random }}", "fixed", 2),
    ],
)
def test_a_template_without_chance_is_rendered_once(
    before: str, after: str, renderings: int, tmp_path: Path, here: Path, identity: None,
    scaffold: Run, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from scaffold.updating import plan

    versions: dict[str, Files] = {
        tag: {"copier.yml": "a: 1\n", "f.txt.jinja": text, "g.txt": tag}
        for tag, text in (("v1", before), ("v2", after))
    }
    folder = make_template_repo(tmp_path / "template", versions)
    assert scaffold("new", folder, "made", "--ref", "v1", "--yes").code == 0
    calls: list[object] = []
    real = plan.render_tree

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(plan, "render_tree", counted)
    assert scaffold("update", here / "made", "--ref", "v2", "--yes").code == 0
    assert len(calls) == renderings
    assert (here / "made" / "g.txt").read_text() == "v2"
