"""Where things are, the settings in effect, and the errors that a person can put right."""

import difflib
import hashlib
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[3]
COMMAND = "python -m project_package"
VERSIONS = "versions"  # in models/: what `retrain` made, a folder for each
SETTINGS = "SETTINGS"  # in the environment: "train.folds=3 model.c=0.5"


class ProjectError(Exception):
    """Shown as one message, without a traceback; the command line exits with 1."""


class NoSourceError(ProjectError):
    """None of the sources of the data answered."""


class ManifestError(ProjectError):
    """The data at hand are not the data that the manifest describes."""


class HoldOutError(ProjectError):
    """Somebody other than `evaluate` asked for the test set."""


@dataclass(frozen=True)
class Workspace:
    """The folders of one run; tests make their own in a temporary folder.

    `overrides` holds values for this run, each under its table and key: {"train.folds": 3}.
    `because` says why the test set is read once more. `version` is that of a model which `retrain`
    made; without one, the model is what `train` left.
    """

    root: Path = PROJECT_ROOT
    overrides: Mapping[str, Any] = field(default_factory=dict)
    because: str = ""
    version: str = ""

    @property
    def config(self) -> dict[str, Any]:
        """The settings in effect: config.toml, without its tables `sample`, `ranges`, `retrain`.

        On a sample, what stands under `[sample]` replaces values of the same table and key. Next
        come those that the variable SETTINGS gives to whatever runs in its environment, and
        `overrides` come last. Raises ProjectError when the file is missing or not valid TOML,
        or when a setting is unknown or not of its value's type.
        """
        config = self.config_file
        for_sample = config.pop("sample", {})
        config.pop("ranges", None)
        config.pop("retrain", None)
        if self.holds_sample:
            for table, values in for_sample.items():
                config[table] = {**config[table], **values}
        given = read_settings(os.environ.get(SETTINGS, "").split(), config)
        for name, value in {**given, **self.overrides}.items():
            table, key = _find_setting(name, config)
            table[key] = _of_type(value, table[key], name)
        return config

    @property
    def config_file(self) -> dict[str, Any]:
        """config.toml as it stands."""
        path = self.root / "config.toml"
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ProjectError(f"{path} is missing; restore it with git") from None
        except tomllib.TOMLDecodeError as error:
            raise ProjectError(f"{path} is not valid TOML: {error}") from error

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
        """The trained model and training.json; those of `version`, if there is one."""
        trained = self.root / "models"
        return trained / VERSIONS / self.version if self.version else trained

    @property
    def reports(self) -> Path:
        """Metrics, errors and figures of the last evaluation."""
        return self.root / "reports"

    @property
    def figures(self) -> Path:
        """Figures, each as PNG and SVG."""
        return self.reports / "figures"


def read_settings(given: Sequence[str], config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings written as `table.key=value`, by name, each of the type that config.toml gives it.

    Raises ProjectError for a setting that config.toml does not have, with those that look like it.
    """
    settings = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise ProjectError(f"{text!r} is no setting: write table.key=value")
        table, key = _find_setting(name, config)
        settings[name] = _of_type(_parse(value), table[key], name)
    return settings


def setting_names(config: Mapping[str, Any]) -> dict[str, Any]:
    """Every value of the settings under its table and key: "train.folds"."""
    names: dict[str, Any] = {}
    for key, value in config.items():
        inner = setting_names(value) if isinstance(value, dict) else {"": value}
        names |= {f"{key}.{name}".rstrip("."): found for name, found in inner.items()}
    return names


def _find_setting(name: str, config: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The table that holds a setting, and its key there."""
    known = setting_names(config)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)
        raise ProjectError(f"config.toml has no {name!r}; it has {', '.join(near)}")
    *tables, key = name.split(".")
    table: Any = config
    for each in tables:
        table = table[each]
    return table, key


def _parse(text: str) -> Any:
    """A value as TOML writes it; a bare word is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _of_type(value: Any, model: Any, name: str) -> Any:
    """`value`, if it is of the type of `model`; a whole number may stand for a fraction."""
    if isinstance(model, float) and type(value) is int:
        return float(value)
    if type(value) is not type(model):
        raise ProjectError(f"{name} is no {type(model).__name__}: {value!r}")
    return value


def write_whole(path: Path, text: str) -> None:
    """Write beside `path`, then move into place, so that nobody sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def write_json(path: Path, value: object) -> None:
    """Write `value` as a whole file of JSON."""
    write_whole(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path, made_by: str) -> Any:
    """Read what the step `made_by` wrote; raises ProjectError when it has not run yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(
            f"{path.name} is not there yet: run `{COMMAND} {made_by}` first"
        ) from None


def hash_files(paths: Sequence[Path]) -> str:
    """SHA-256 of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
