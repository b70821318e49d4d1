from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.sources import history
from tests.updating.worlds import TEMPLATE, TEMPLATES, CatalogueTemplate, Template

Releaser = Callable[[str], None]


# By default the catalogue's kind and one from elsewhere; everything with `-m "slow or not slow"`.
@pytest.fixture(
    params=["catalogue", "copier", pytest.param("cookiecutter", marks=pytest.mark.slow)]
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def template(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: None
) -> Template:
    """A template of each kind, before its first release."""
    made = TEMPLATES[kind](tmp_path / "template", {**TEMPLATE})
    if isinstance(made, CatalogueTemplate):
        archive = tmp_path / "history.tar.xz"
        made.archive = archive
        monkeypatch.setattr("scaffold.sources.history.archive", lambda: archive)
        monkeypatch.setattr("scaffold.catalogue.root", lambda: made.folder)

        def install(version: str) -> None:
            from scaffold import catalogue

            catalogue._metadata.cache_clear()
            history.add(version, made.folder, archive)
            for module in ("catalogue", "sources.addresses"):
                monkeypatch.setattr(f"scaffold.{module}.__version__", version)

        monkeypatch.setattr(made, "install", install)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the project of a test stands."""
    return tmp_path / "project"


@pytest.fixture
def make(template: Template, root: Path) -> Callable[[], Path]:
    """Make the project from the newest release."""

    def call() -> Path:
        new.create(new.plan(template.source, root))
        return root

    return call
