"""pyproject.toml as the checks read it: what the standard allows, and what is wrong beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LARGEST = 1_000_000  # bytes


@dataclass(frozen=True)
class Described:
    """The tables that can be used, and a sentence for each thing that cannot."""

    table: dict[str, Any]
    faults: tuple[str, ...] = ()


def read(raw: bytes) -> Described:
    """The content of a pyproject.toml; empty where there is none."""
    if len(raw) > LARGEST:
        return Described({}, ("it is larger than a megabyte",))
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Described({}, (f"it is not in UTF-8, as TOML asks: {error.reason}",))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Described({}, (f"it is no TOML: {error}",))
    faults: list[str] = []
    return Described(_sound(table, _SHAPE, "", faults), tuple(faults))


def _sound(table: dict[str, Any], shape: dict[str, Any], prefix: str, faults: list[str]) -> Any:
    """A table without the values that are not of their type; each is told."""
    kept = dict(table)
    for key, rule in shape.items():
        if key not in table:
            continue
        name, value = f"{prefix}{key}", table[key]
        if isinstance(rule, dict) and isinstance(value, dict):
            kept[key] = _sound(value, rule, f"{name}.", faults)
        elif fault := "is no table" if isinstance(rule, dict) else rule(value):
            faults.append(f"{name} {fault}")
            del kept[key]
    return kept


def _text(value: object) -> str:
    return "" if isinstance(value, str) else "is no text"


def _texts(value: object) -> str:
    if not isinstance(value, list):
        return "is no list"
    wrong = next((place for place, item in enumerate(value) if not isinstance(item, str)), None)
    return "" if wrong is None else f"has no text as its item {wrong + 1}"


def _table_of(rule: Callable[[object], str]) -> Callable[[object], str]:
    def judge(value: object) -> str:
        if not isinstance(value, dict):
            return "is no table"
        found = ((key, rule(item)) for key, item in value.items())
        return next((f"{fault} ({key})" for key, fault in found if fault), "")

    return judge


def _choice(value: object) -> str:
    return _table_of(_text)(value) if isinstance(value, dict) else _texts(value)


_SHAPE: dict[str, Any] = {
    "project": {
        "name": _text,
        "description": _text,
        "requires-python": _text,
        "keywords": _texts,
        "dependencies": _texts,
        "optional-dependencies": _table_of(_texts),
        "urls": _table_of(_text),
    },
    "tool": {"repo-review": {"ignore": _choice, "select": _choice}},
}
