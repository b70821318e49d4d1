from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffold import __version__, catalogue
from scaffold.engines import Source
from scaffold.engines.layers import ENGINE, imported_names, layers_of, metadata_of
from scaffold.errors import TemplateError
from tests.factories import Files, tree, write_files

ANSWERS = {"project_name": "my-app", "package": "my_app", "title": "My App", "year": "2026"}
EMPTY = 'summary = ""\n'


def source_of(folder: Path, files: Files, template: str = "top") -> Source:
    write_files(folder, {f"{template}/template.toml": EMPTY, **files})
    place = folder / template
    return Source(template, place, version="1.2", roots=(folder,), metadata=metadata_of(place))


def rendered(source: Source, into: Path, answers: Mapping[str, str] = ANSWERS) -> dict[str, bytes]:
    into.mkdir()
    listed = ENGINE.render(source, answers, into)
    found = tree(into)
    assert list(listed) == sorted(found)
    return found


def test_the_last_layer_wins(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {
            "_base/template.toml": EMPTY,
            "_base/a.txt": "base",
            "_base/b.txt": "base",
            "_family/template.toml": 'extends = ["_base"]',
            "_family/b.txt.jinja": "family",
            "top/template.toml": 'extends = ["_family"]',
            "top/c.txt": "top",
        },
    )
    assert rendered(source, tmp_path / "out") == {
        "a.txt": b"base",
        "b.txt": b"family",
        "c.txt": b"top",
    }


def test_layers_are_walked_depth_first_and_once(tmp_path: Path) -> None:
    source = source_of(
        tmp_path,
        {
            "_base/template.toml": EMPTY,
            "_one/template.toml": 'extends = ["_base"]',
            "_two/template.toml": 'extends = ["_base"]',
            "top/template.toml": 'extends = ["_one", "_two"]',
        },
    )
    names = [layer.name for layer in layers_of(source.folder)]
    assert names == ["_base", "_one", "_two", "top"]


def test_metadata_is_merged_over_the_layers(tmp_path: Path) -> None:
    source = source_of(
        tmp_path,
        {
            "_base/template.toml": """\
                summary = "base"
                topics = ["a", "b"]
                dependencies = ["Scikit_Learn>=1", "numpy"]
                [target]
                metric = "mae"
                gate = 1
                [[questions]]
                name = "author"
                prompt = "Name"
                """,
            "top/template.toml": """\
                extends = ["_base"]
                summary = "top"
                topics = ["b", "c"]
                dependencies = ["scikit-learn>=2"]
                [target]
                gate = 2
                [[questions]]
                name = "author"
                prompt = "Your name"
                """,
        },
    )
    assert source.metadata == {
        "summary": "top",
        "topics": ["a", "b", "c"],
        "dependencies": ["scikit-learn>=2", "numpy"],
        "target": {"metric": "mae", "gate": 2},
        "questions": [{"name": "author", "prompt": "Your name"}],
    }


def test_a_layer_extends_a_part_of_a_file_below_it(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {
            "_base/template.toml": EMPTY,
            "_base/README.md.jinja": "# {{ title }}\n{% block body %}{% endblock %}\nEnd\n",
            "top/template.toml": 'extends = ["_base"]',
            "top/README.md.jinja": (
                '{% extends "_base/README.md.jinja" %}{% block body %}Mine\n{% endblock %}'
            ),
        },
    )
    assert rendered(source, tmp_path / "out") == {"README.md": b"# My App\nMine\nEnd\n"}


def test_the_package_takes_its_name_in_paths_and_contents(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {
            "top/src/project_package/main.py": "from project_package import x, project_packages\n",
            "top/src/{{ package }}/data.txt": "project_package.",
            "top/README.md.jinja": "{{ package }} is project_package",
        },
    )
    assert rendered(source, tmp_path / "out") == {
        "README.md": b"my_app is my_app",
        "src/my_app/data.txt": b"my_app.",
        "src/my_app/main.py": b"from my_app import x, project_packages\n",
    }


def test_binary_and_oddly_encoded_files_are_kept_byte_for_byte(tmp_path: Path) -> None:
    late = b"a" * 4000 + b"\0 project_package"
    picture, letter = b"\x89PNG\0 project_package", "Gr\u00fc\u00dfe\r\n".encode("latin-1")
    files = {"top/a.png": picture, "top/mail.txt": letter, "top/b.bin": late}
    source = source_of(tmp_path / "layers", files)
    assert rendered(source, tmp_path / "out") == {
        "a.png": picture, "mail.txt": letter, "b.bin": late,
    }  # fmt: skip


def test_a_path_part_that_renders_empty_drops_the_file(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {"top/{{ 'ci' if licence == 'MIT' }}/a.txt": "", "top/{{ package }}.txt": ""},
    )
    assert rendered(source, tmp_path / "with", {**ANSWERS, "licence": "MIT"}).keys() == {
        "ci/a.txt",
        "my_app.txt",
    }
    assert rendered(source, tmp_path / "without", {**ANSWERS, "licence": "BSD"}).keys() == {
        "my_app.txt"
    }


def test_caches_and_metadata_stay_out_and_inner_underscore_folders_stay_in(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {
            "top/__pycache__/a.pyc": b"\0",
            "top/.ruff_cache/x": "",
            "top/.DS_Store": "",
            "top/_static/page.css": "",
            "top/template.draft.toml": EMPTY,
            "top/docs/template.toml": "",
        },
    )
    assert rendered(source, tmp_path / "out").keys() == {"_static/page.css", "docs/template.toml"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_executable_file_stays_executable(tmp_path: Path) -> None:
    source = source_of(tmp_path / "layers", {"top/run.sh.jinja": "#!/bin/sh\n", "top/b": ""})
    (tmp_path / "layers/top/run.sh.jinja").chmod(0o755)
    rendered(source, tmp_path / "out")
    assert (tmp_path / "out/run.sh").stat().st_mode & stat.S_IXUSR
    assert not (tmp_path / "out/b").stat().st_mode & stat.S_IXUSR


def kept_compiled(home: Path) -> list[Path]:
    return [path for path in (home / "cache" / "scaffold").rglob("*") if path.is_file()]


def test_templates_of_the_catalogue_are_compiled_once(tmp_path: Path, isolated: Path) -> None:
    files = {"top/a.txt.jinja": "{{ title }}"}
    ours = replace(source_of(tmp_path / "layers", files), version=__version__)
    first = rendered(ours, tmp_path / "first")
    (kept,) = kept_compiled(isolated)
    made = kept.read_bytes()
    assert rendered(ours, tmp_path / "second") == first == {"a.txt": b"My App"}
    assert [path.read_bytes() for path in kept_compiled(isolated)] == [made]
    write_files(tmp_path / "layers", {"top/a.txt.jinja": "{{ title }}!"})
    assert rendered(ours, tmp_path / "third") == {"a.txt": b"My App!"}


@pytest.mark.parametrize("other", [{"location": "/elsewhere"}, {"version": "0.1"}])
def test_templates_from_elsewhere_leave_nothing_behind(
    tmp_path: Path, isolated: Path, other: dict[str, Any]
) -> None:
    ours = replace(source_of(tmp_path / "layers", {"top/a.jinja": "x"}), version=__version__)
    rendered(replace(ours, **other), tmp_path / "made")
    assert not kept_compiled(isolated)


def test_a_home_that_takes_nothing_is_done_without(tmp_path: Path, isolated: Path) -> None:
    (isolated / "cache").write_text("a file", encoding="utf-8")
    ours = replace(source_of(tmp_path / "layers", {"top/a.jinja": "x"}), version=__version__)
    assert rendered(ours, tmp_path / "made") == {"a": b"x"}


def test_a_disk_that_is_full_is_no_fault_of_the_template(
    tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jinja2.bccache.tempfile.NamedTemporaryFile", full)
    ours = replace(source_of(tmp_path / "layers", {"top/a.jinja": "x"}), version=__version__)
    assert rendered(ours, tmp_path / "made") == {"a": b"x"}
    assert not kept_compiled(isolated)


def test_the_same_answers_give_the_same_bytes(tmp_path: Path, catalogue: Path) -> None:
    source = catalogue_source()
    answers = {**ANSWERS, "author": "Ada", "email": "", "question": "", "licence": "MIT"}
    assert rendered(source, tmp_path / "a", answers) == rendered(source, tmp_path / "b", answers)


def catalogue_source() -> Source:
    return catalogue.source("tiny")


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("one\n{{ authr }}\n", "a.md.jinja:2", "'authr' is undefined"),
        ("\n\n{{ template.data.rows }}", "a.md.jinja:3", "has no attribute 'data'"),
        ("{% if x %}\n", "a.md.jinja:1", "Unexpected end of template"),
        ("\n{{ 1 / 0 }}", "a.md.jinja:2", "division by zero"),
        ("\n{{ ''.__class__.__mro__ }}", "a.md.jinja:2", "not allowed"),
        ("\n{{ template.update(x=1) }}", "a.md.jinja:2", "not allowed"),
        ("\n{% include 'none.md' %}", "a.md.jinja:2", "no layer has none.md"),
        ("\n{% include '../secret.md' %}", "a.md.jinja:2", "no layer has ../secret.md"),
    ],
)
def test_a_fault_in_a_template_is_told_with_file_and_line(
    tmp_path: Path, text: str, place: str, reason: str
) -> None:
    write_files(tmp_path, {"secret.md": "secret"})
    source = source_of(tmp_path / "layers", {"top/a.md.jinja": text})
    with pytest.raises(TemplateError) as caught:
        rendered(source, tmp_path / "out")
    assert place in caught.value.message
    assert reason in caught.value.message


def test_a_fault_in_a_shared_part_is_told_with_that_parts_line(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {
            "_base/template.toml": EMPTY,
            "_base/frame.md.jinja": "a\nb\n{{ nobody }}\n",
            "top/template.toml": 'extends = ["_base"]',
            "top/x.md.jinja": '{% extends "_base/frame.md.jinja" %}',
        },
    )
    with pytest.raises(TemplateError, match=r"_base.frame\.md\.jinja:3: 'nobody' is undefined"):
        rendered(source, tmp_path / "out")


@pytest.mark.parametrize(
    "part",
    [
        "..",
        ".",
        "{{ '../x' }}",
        "{{ '/etc' }}",
        "{{ 'a\\\\b' }}",
        "c:",
        ".git",
        ".GIT",
        ".git.",
        ".Git ",
        "GIT~1",
    ],
)
def test_no_path_leaves_the_project(part: str, tmp_path: Path) -> None:
    from scaffold.engines.layers import LayerFile, _inside, _Renderer

    source = source_of(tmp_path, {"top/x": ""})
    file = LayerFile(tmp_path / "top", tmp_path / "top" / "x")
    with pytest.raises(TemplateError, match=r"leave the project|into \.git"):
        _inside(file, _Renderer(source, ANSWERS).segment(file, part))


def test_a_name_that_an_answer_turns_into_an_escape_writes_nothing_outside(tmp_path: Path) -> None:
    source = source_of(tmp_path / "layers", {"top/{{ author }}/x.txt": "here"})
    with pytest.raises(TemplateError, match="would leave the project"):
        rendered(source, tmp_path / "out", {**ANSWERS, "author": ".."})
    assert not (tmp_path / "x.txt").exists()


@pytest.mark.parametrize("kind", ["file", "folder", "nothing"])
def test_a_symbolic_link_is_refused(tmp_path: Path, kind: str) -> None:
    source = source_of(tmp_path / "layers", {"top/a": ""})
    write_files(tmp_path, {"elsewhere/secret": "key"})
    target = {"file": "elsewhere/secret", "folder": "elsewhere", "nothing": "nowhere"}[kind]
    (tmp_path / "layers/top/link").symlink_to(tmp_path / target)
    with pytest.raises(TemplateError, match="symbolic link"):
        rendered(source, tmp_path / "out")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"top/template.toml": 'extends = ["_no"]'}, "extends '_no', which is no layer"),
        ({"top/template.toml": 'extends = ["../top"]'}, "which is no layer"),
        ({"top/template.toml": 'extends = ["top"]'}, "top → top"),
        ({"top/template.toml": "x = "}, "not valid TOML"),
    ],
)
def test_a_faulty_template_toml_is_told(tmp_path: Path, files: Files, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason):
        source_of(tmp_path, files)


def test_two_files_of_one_layer_for_one_place_are_refused(tmp_path: Path) -> None:
    source = source_of(tmp_path / "layers", {"top/a.md": "", "top/a.md.jinja": ""})
    with pytest.raises(TemplateError, match=r"both make a\.md"):
        rendered(source, tmp_path / "out")


def test_a_file_where_another_layer_has_a_folder_is_refused(tmp_path: Path) -> None:
    source = source_of(
        tmp_path / "layers",
        {
            "_base/template.toml": EMPTY,
            "_base/docs/a.md": "",
            "top/template.toml": 'extends = ["_base"]',
            "top/docs": "",
        },
    )
    with pytest.raises(TemplateError, match="needs docs to be a folder"):
        rendered(source, tmp_path / "out")


def test_the_modules_that_a_template_imports_are_found(tmp_path: Path) -> None:
    code = "import numpy as np\nfrom sklearn.svm import SVC\n\ndef f():\n    import lightgbm\n"
    source = source_of(tmp_path, {"top/a.py": code + "from project_package import x\n"})
    assert imported_names(source) == {"numpy", "sklearn", "lightgbm"}
