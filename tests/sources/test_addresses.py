from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.errors import SourceUnreachable, TemplateError, UnknownName, UsageError
from scaffold.sources import addresses
from scaffold.sources.addresses import Address, resolve
from tests.factories import git, make_template_repo, tree, write_files

COPIER = {"copier.yml": "name: x\n", "a.txt": "a\n"}
COOKIECUTTER = {"cookiecutter.json": '{"slug": "p"}', "{{cookiecutter.slug}}/a.txt": "a\n"}
OURS = 'title = "Churn"\nextends = ["_base"]\n'


@pytest.mark.parametrize(
    ("text", "location", "subfolder"),
    [
        ("gh:owner/name", "https://github.com/owner/name.git", ""),
        ("gl:group/sub/name.git", "https://gitlab.com/group/sub/name.git", ""),
        ("gh:owner/name#templates/a/", "https://github.com/owner/name.git", "templates/a"),
        ("https://host/owner/name", "https://host/owner/name", ""),
        ("https://me:token@host/owner/name#a", "https://host/owner/name", "a"),
        ("http://me:token@host/owner/name", "http://host/owner/name", ""),
        ("git@host:owner/name.git", "git@host:owner/name.git", ""),
        ("git+https://host/name", "https://host/name", ""),
        ("ssh://git@host/name", "ssh://git@host/name", ""),
    ],
)
def test_an_address_is_taken_apart(text: str, location: str, subfolder: str) -> None:
    assert Address.parse(text) == Address(location, subfolder, is_url=True)


def test_a_word_is_the_catalogues(catalogue: Path, here: Path) -> None:
    assert Address.parse("tiny") == Address("catalogue", "tiny")
    with pytest.raises(UnknownName, match="tinny"):
        Address.parse("tinny")
    with pytest.raises(UsageError, match="no folder"):
        Address.parse("./tinny")
    for inside in ("../other", "a/../../other", "a/.."):
        with pytest.raises(UsageError, match="leave"):
            Address.parse(f"gh:owner/name#{inside}")


def test_the_newest_version_tag_is_taken_and_no_prerelease(tmp_path: Path) -> None:
    folder = make_template_repo(
        tmp_path / "t",
        {tag: COPIER | {"v": tag} for tag in ("v1.9", "v1.10", "v2.0rc1", "nightly")},
    )
    source = resolve(str(folder))
    assert (source.version, source.engine, source.ref) == ("v1.10", "copier", "")
    assert source.commit == git(folder, "rev-parse", "v1.10")
    assert (source.folder / "v").read_text(encoding="utf-8") == "v1.10"


def test_a_tag_that_is_not_there_is_answered_with_the_newest_by_version(tmp_path: Path) -> None:
    tags = ("v1.2", "v1.9", "v1.10", "2.0.0-rc.1", "nightly", "v0.1", "v1.3")
    folder = make_template_repo(tmp_path / "t", {tag: COPIER | {"v": tag} for tag in tags})
    with pytest.raises(TemplateError) as refusal:
        resolve(str(folder), "v3")
    assert refusal.value.hint == "Its newest tags: 2.0.0-rc.1, v1.10, v1.9, v1.3, v1.2."


def test_a_prerelease_is_taken_when_it_is_asked_for(tmp_path: Path) -> None:
    tags = ("1.0.0", "2.0.0-beta.1", "2.0.0-next.1", "3.0.0.dev1")
    folder = make_template_repo(tmp_path / "t", {tag: COPIER | {"v": tag} for tag in tags})
    assert resolve(str(folder)).version == "1.0.0"
    for tag in tags:
        assert resolve(str(folder), tag).version == tag


def test_head_is_the_tip_of_the_branch_shown_first_and_is_followed(tmp_path: Path) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER})
    write_files(folder, {"b.txt": "b\n"})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Not released")
    for text in (str(folder), folder.as_uri()):
        source = resolve(text, "HEAD")
        assert source.commit == git(folder, "rev-parse", "main")
        assert source.ref == "HEAD", "an update follows it, as any branch asked for by name"
        assert resolve(text).version == "v1"


def test_without_a_version_tag_it_is_the_default_branch(tmp_path: Path) -> None:
    folder = make_template_repo(tmp_path / "t", {"first": COPIER})
    assert resolve(str(folder)).version == "first"
    assert resolve(folder.as_uri()).commit == git(folder, "rev-parse", "main")


def test_a_branch_asked_for_by_name_is_followed_and_a_commit_is_not(tmp_path: Path) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER, "v2": COPIER | {"b": "b"}})
    first = git(folder, "rev-parse", "v1")
    git(folder, "branch", "work", first)
    assert resolve(str(folder), "work").ref == "work"
    for ref in (first, first[:9], "v1"):
        source = resolve(str(folder), ref)
        assert (source.commit, source.ref, source.version) == (first, "", "v1")
    for ref in ("v3", "--upload-pack=touch x", "0123456789abcdef"):
        with pytest.raises(TemplateError, match="no tag, branch or commit"):
            resolve(str(folder), ref)


def test_a_tag_goes_before_a_branch_of_its_name(tmp_path: Path) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER, "v2": COPIER | {"b": "b"}})
    git(folder, "branch", "v1", "v2")
    source = resolve(str(folder), "v1")
    assert (source.version, source.ref) == ("v1", "")
    assert source.commit == git(folder, "rev-parse", "refs/tags/v1")


@pytest.mark.parametrize(("files", "engine"), [(COPIER, "copier"), (COOKIECUTTER, "cookiecutter")])
def test_a_template_in_a_subfolder_of_a_repository(
    tmp_path: Path, files: dict[str, str], engine: str
) -> None:
    inside = {f"templates/one/{name}": text for name, text in files.items()}
    folder = make_template_repo(tmp_path / "t", {"v1": inside})
    source = resolve(f"{folder}#templates/one")
    assert (source.engine, source.template, source.subfolder) == (engine, "one", "templates/one")
    assert resolve(str(folder / "templates" / "one")).subfolder == "templates/one"
    with pytest.raises(TemplateError, match="is no template"):
        resolve(f"{folder}#nowhere")


def test_several_templates_in_one_repository_are_named(tmp_path: Path) -> None:
    inside = {f"{one}/{name}": text for one in "ab" for name, text in COPIER.items()}
    folder = make_template_repo(tmp_path / "t", {"v1": inside})
    with pytest.raises(TemplateError, match="several") as refusal:
        resolve(str(folder))
    assert f"{folder}#a, {folder}#b" in refusal.value.hint


def test_a_catalogue_of_ones_own_extends_ours(catalogue: Path, tmp_path: Path) -> None:
    school = make_template_repo(
        tmp_path / "school",
        {"v1": {"churn/template.toml": OURS, "churn/own.txt": "own\n", "README.md": "School\n"}},
    )
    source = resolve(str(school))
    assert (source.engine, source.template, source.version) == ("layers", "churn", "v1")
    assert source.layers, "the release of the layers below is recorded"
    assert resolve(f"{school}#churn").folder.name == "churn"
    write_files(school, {"fraud/template.toml": OURS})
    git(school, "add", "--all")
    git(school, "commit", "--quiet", "--message", "Second")
    with pytest.raises(TemplateError, match="several") as refusal:
        resolve(str(school), "main")
    assert f"{school}#fraud" in refusal.value.hint


def test_a_plain_folder_has_its_contents_for_a_version(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "t", COPIER)
    first = resolve(str(folder)).version
    assert first.startswith("sha256:")
    (folder / "a.txt").write_text("b\n", encoding="utf-8")
    assert resolve(str(folder)).version != first
    with pytest.raises(UsageError, match="--ref"):
        resolve(str(folder), "v1")


def test_what_is_not_committed_is_no_part_of_a_version(tmp_path: Path) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER})
    (folder / "a.txt").write_text("draft\n", encoding="utf-8")
    assert (resolve(str(folder)).folder / "a.txt").read_text(encoding="utf-8") == "a\n"


def test_an_address_that_does_not_answer_is_an_error_in_gits_words(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        resolve((tmp_path / "gone").as_uri())


def test_a_submodule_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    there, sub = tmp_path / "t", make_template_repo(tmp_path / "sub", {"v1": {"a": "a"}})
    make_template_repo(there, {"v0": COPIER})
    git(there, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(sub), "lib")
    git(there, "commit", "--quiet", "--message", "With a library")
    shutil.rmtree(sub)
    with pytest.raises(SourceUnreachable, match=r"t cannot be reached: .*sub") as raised:
        resolve(str(there), "main")
    assert "\n" not in raised.value.message


def test_a_copy_of_a_remote_is_brought_up_to_date(
    tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER})
    assert resolve(folder.as_uri()).version == "v1"
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Second")
    git(folder, "tag", "v2")
    addresses._copy.cache_clear()  # as in the next run
    assert resolve(folder.as_uri()).version == "v2"
    assert len(os.listdir(isolated / "cache" / "scaffold" / "sources")) == 1  # noqa: PTH208


def damage_head(copy: Path) -> None:
    (copy / "HEAD").write_text("nonsense")


def lose_head(copy: Path) -> None:
    (copy / "HEAD").unlink()


def lose_objects(copy: Path) -> None:
    shutil.rmtree(copy / "objects")
    (copy / "objects").mkdir()


def cut_packs(copy: Path) -> None:
    for pack in (copy / "objects").rglob("*"):
        if pack.is_file():
            pack.chmod(0o644)
            pack.write_bytes(pack.read_bytes()[:20])


def lose_a_file(copy: Path) -> None:
    """One blob is gone, which no fetch and no look at the refs can notice."""
    blob = git(copy, "rev-parse", "v2:a.txt")
    packed = [path.read_bytes() for path in (copy / "objects" / "pack").glob("*.pack")]
    shutil.rmtree(copy / "objects" / "pack")
    for pack in packed:
        subprocess.run(["git", "unpack-objects", "-q"], cwd=copy, input=pack, check=True)
    (copy / "objects" / blob[:2] / blob[2:]).unlink()


def damage_refs(copy: Path) -> None:
    (copy / "packed-refs").write_text("nonsense\n")
    shutil.rmtree(copy / "refs")
    (copy / "refs").mkdir()


def leave_a_lock(copy: Path) -> None:
    """As a fetch that was killed leaves one."""
    for name in ("packed-refs.lock", "refs/tags/v2.lock", "refs/tags/v3.lock"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).touch()


def damage_settings(copy: Path) -> None:
    (copy / "config").write_text("[core\n")


def put_a_file_there(copy: Path) -> None:
    shutil.rmtree(copy)
    copy.write_text("nonsense")


@pytest.mark.parametrize(
    "damage",
    [
        damage_head, lose_head, lose_objects, cut_packs, lose_a_file, damage_refs, leave_a_lock,
        damage_settings, put_a_file_there,
    ],
    ids=lambda damage: damage.__name__,
)  # fmt: skip
def test_a_damaged_copy_in_the_cache_heals_by_itself(
    damage: Callable[[Path], None], tmp_path: Path, isolated: Path
) -> None:
    versions = {tag: COPIER | {"a.txt": tag} for tag in ("v1", "v2")}
    folder = make_template_repo(tmp_path / "t", versions)
    assert resolve(folder.as_uri()).version == "v2"
    [copy] = (isolated / "cache" / "scaffold" / "sources").iterdir()
    damage(copy)
    write_files(folder, {"a.txt": "v3"})
    git(folder, "commit", "--quiet", "--all", "--message", "3")
    git(folder, "tag", "v3")
    for ref in ("v2", ""):  # the second also meets what the first left
        forget_this_process()
        source = resolve(folder.as_uri(), ref)
        assert (source.version, (source.folder / "a.txt").read_text()) == ((ref or "v3"),) * 2
    assert list(copy.parent.iterdir()) == [copy], "nothing else is left in the cache"


def test_an_address_that_does_not_answer_leaves_the_copy_as_it_is(
    tmp_path: Path, isolated: Path
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER})
    resolve(folder.as_uri())
    [copy] = (isolated / "cache" / "scaffold" / "sources").iterdir()
    before = tree(copy)
    folder.rename(tmp_path / "moved")
    forget_this_process()
    with pytest.raises(SourceUnreachable):
        resolve(folder.as_uri())
    assert tree(copy) == before
    assert list(copy.parent.iterdir()) == [copy]


def test_copies_that_were_never_finished_or_are_used_no_more_go_away(
    tmp_path: Path, isolated: Path
) -> None:
    cache = isolated / "cache" / "scaffold" / "sources"
    ages = {
        "0123456789abcdef.git-dead1234": 2, "0123456789abcdef.git-live1234": 0.01,
        "aaaaaaaaaaaaaaaa.git": 200, "bbbbbbbbbbbbbbbb.git": 100,
    }  # fmt: skip
    for name, days in ages.items():
        write_files(cache / name, {"HEAD": "ref: refs/heads/main\n"})
        then = time.time() - days * 24 * 3600
        os.utime(cache / name / "HEAD", (then, then))
        os.utime(cache / name, (then, then))
    (cache / ".scaffold-new-killed").mkdir()
    (cache / ".scaffold-new-killed" / "lock").touch()
    folder = make_template_repo(tmp_path / "t", {"v1": COPIER})
    resolve(folder.as_uri())
    left = {path.name for path in cache.iterdir()}
    assert left >= {"0123456789abcdef.git-live1234", "bbbbbbbbbbbbbbbb.git"}
    assert len(left) == 3, left


def forget_this_process() -> None:
    """As if the next call were in another process."""
    addresses._copy.cache_clear()
    addresses._checkout.cache_clear()
