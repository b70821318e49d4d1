"""`scaffold list` and `scaffold info`: what can be built."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from scaffold import catalogue
from scaffold.catalogue import Template


def list_templates(folder: Path | None = None) -> list[Template]:
    """Every template of the catalogue, by name."""
    return catalogue.templates(folder)


def info(name: str, folder: Path | None = None) -> Template:
    """One template; an unknown name is an error with the nearest names."""
    return catalogue.template(name, folder)


def as_dict(template: Template) -> dict[str, Any]:
    """A template for `--json`: its record without what is only of use inside."""
    record = asdict(template)
    del record["folder"], record["metadata"]
    return record
