from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.running.fingerprint import digest, import_closure
from tests.factories import Files, write_files


def closure(tmp_path: Path, files: Files, module: str = "train") -> set[str]:
    package = tmp_path / "app"
    write_files(package, files)
    return {file.relative_to(package).as_posix() for file in import_closure(package, module)}


@pytest.mark.parametrize(
    "statement",
    [
        "from app.model import fit",
        "from app import model",
        "import app.model as m",
        "from .model import fit",
        "from . import model",
        "def late():\n    from app.model import fit",
    ],
)
def test_every_way_to_import_is_followed(tmp_path: Path, statement: str) -> None:
    files = {"train.py": statement, "model.py": "", "serve.py": "", "__init__.py": ""}
    assert closure(tmp_path, files) - {"__init__.py"} == {"train.py", "model.py"}


def test_imports_are_followed_through_files_folders_and_circles(tmp_path: Path) -> None:
    files = {
        "train.py": "from app.deep import layers",
        "deep/__init__.py": "",
        "deep/layers.py": "from .blocks import Block\nfrom ..model import fit",
        "deep/blocks.py": "from app.train import loop",
        "model.py": "import numpy\nfrom other.model import fit",
        "other.py": "",
    }
    assert closure(tmp_path, files) == set(files) - {"other.py"}


def test_a_module_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert closure(tmp_path, {"model.py": ""}) == set()


def test_a_digest_changes_with_contents_names_and_facts(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/x": "1", "a/y": "2", "b": "3"})
    first = digest(tmp_path, ["a"])
    assert digest(tmp_path, ["a"]) == first
    assert digest(tmp_path, ["a"], "--sample") != first
    assert digest(tmp_path, ["a", "b"]) != first
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "z")
    assert digest(tmp_path, ["a"]) != first


def test_a_digest_does_not_depend_on_order_or_on_caches(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/x": "1", "b": "3"})
    first = digest(tmp_path, ["a", "b"])
    write_files(tmp_path, {"a/__pycache__/x.pyc": "9"})
    assert digest(tmp_path, ["b", "a", "b", "missing"]) == first


def test_a_file_of_another_name_or_place_is_another_state(tmp_path: Path) -> None:
    write_files(tmp_path, {"data/a.csv": "1\n", "data/b.csv": "2\n"})
    before = digest(tmp_path, ["data"])
    (tmp_path / "data" / "b.csv").rename(tmp_path / "data" / "c.csv")
    renamed = digest(tmp_path, ["data"])
    (tmp_path / "data" / "c.csv").unlink()
    write_files(tmp_path, {"data/sub/c.csv": "2\n"})
    assert len({before, renamed, digest(tmp_path, ["data"])}) == 3
