"""Where things are: one folder that holds the configuration, data, models and reports."""

import json
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import ProjectError

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Workspace:
    """The folders of one run; tests make their own in a temporary folder.

    `overrides` holds values of the `[train]` table given on the command line for this run.
    """

    root: Path = PROJECT_ROOT
    overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, Any]:
        """The tables of config.toml; `[sample]` replaces values of `[train]` on a sample.

        A variable such as TRAIN_FOLDS=3 replaces one value for whatever runs in its environment,
        and `overrides` come last. Raises ProjectError when the file is missing or not valid TOML,
        or a variable is not of its value's type.
        """
        path = self.root / "config.toml"
        try:
            config = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ProjectError(f"{path} is missing; restore it with git") from None
        except tomllib.TOMLDecodeError as error:
            raise ProjectError(f"{path} is not valid TOML: {error}") from error
        for_sample = config.get("sample", {}) if self.holds_sample else {}
        train = {**config.get("train", {}), **for_sample}
        config["train"] = {**train, **_from_environment(train), **self.overrides}
        return config

    @property
    def holds_sample(self) -> bool:
        """Whether `data` was last run with `--sample`."""
        return self.manifest.exists() and bool(json.loads(self.manifest.read_bytes())["sample"])

    @property
    def seed(self) -> int:
        """The seed of every random choice."""
        return int(self.config["seed"])

    @property
    def raw(self) -> Path:
        """Downloads, as their publisher made them."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """The cleaned parts: train, validation, test."""
        return self.root / "data" / "processed"

    @property
    def sample(self) -> Path:
        """The small sample for tests and for work without a network."""
        return self.root / "data" / "sample"

    @property
    def manifest(self) -> Path:
        """What the parts hold: seed, source, hashes, row ids."""
        return self.root / "data" / "manifest.json"

    @property
    def access_log(self) -> Path:
        """One line for every read of the test set."""
        return self.root / "data" / "access.jsonl"

    @property
    def models(self) -> Path:
        """The trained model and training.json."""
        return self.root / "models"

    @property
    def reports(self) -> Path:
        """Metrics, errors and figures of the last evaluation."""
        return self.root / "reports"

    @property
    def figures(self) -> Path:
        """Figures, each as PNG and SVG."""
        return self.reports / "figures"


def _from_environment(train: dict[str, Any]) -> dict[str, Any]:
    given = {}
    for key, value in train.items():
        variable = f"TRAIN_{key.upper()}"
        if isinstance(value, int | float | str) and variable in os.environ:
            try:
                given[key] = type(value)(os.environ[variable])
            except ValueError as error:
                raise ProjectError(f"{variable} is no {type(value).__name__}: {error}") from error
    return given


def write_json(path: Path, value: object) -> None:
    """Write `value` beside `path`, then move it into place, so that no reader sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def read_json(path: Path, made_by: str) -> Any:
    """Read what the step `made_by` wrote; raises ProjectError when it has not run yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(
            f"{path.name} is not there yet: run `python -m {__package__} {made_by}` first"
        ) from None
