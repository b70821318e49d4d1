"""A world of a few rows to try ideas in: `strength` says how much of the truth a model knows."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from project_package import train
from project_package.kit import statistics
from project_package.kit.statistics import STRONGEST, Predictions
from project_package.kit.workspace import Workspace, write_json

ROWS = 80
CONFIG = """seed = 3  # of everything

[train]
folds = 2  # fixed

[model]
strength = 0.5  # how much of the truth is known
kind = "plain"  # or odd

[sample.model]
kind = "odd"

[ranges]
"model.strength" = { low = 0.0, high = 1.0 }
"model.kind" = { choices = ["plain", "odd"] }
"""


@dataclass
class World:
    """What `train` says in this world; tests change it to see what is noticed."""

    workspace: Workspace
    metric: str = "pearson_r"
    higher_is_better: bool = True
    rows: pd.DataFrame = field(default_factory=lambda: _rows())
    noise: int = 0
    calls: int = 0
    stop_at: int | None = None
    pause: float = 0.0

    def held_out(self, workspace: Workspace) -> Predictions:
        self.calls += 1
        if self.calls == self.stop_at:
            raise KeyboardInterrupt
        time.sleep(self.pause)
        known = workspace.config["model"]
        if known["strength"] > 2:
            raise ValueError("nobody knows that much")
        said = _said(self.rows, known["strength"], self.noise + (known["kind"] == "odd"))
        return Predictions(
            self.rows.assign(model=said), self.metric, self.higher_is_better, {"a rule": STRONGEST}
        )

    def held_out_baseline(self, workspace: Workspace) -> NDArray:
        return _said(self.rows, 0.3, self.noise)

    def set(self, **values) -> Workspace:
        return Workspace(
            self.workspace.root, {f"model.{name}": value for name, value in values.items()}
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setattr(statistics, "ROUNDS", 30)
    world = World(Workspace(tmp_path))
    describe_data(world.workspace)
    monkeypatch.setattr(train, "held_out", world.held_out, raising=False)
    monkeypatch.setattr(train, "held_out_baseline", world.held_out_baseline, raising=False)
    return world


def describe_data(workspace: Workspace, sha256: str = "a", sample: bool = False) -> None:
    parts = {"train": {"ids": []}, "test": {"ids": ["sealed"]}}
    write_json(workspace.manifest, {"sha256": sha256, "sample": sample, "parts": parts})


def _rows() -> pd.DataFrame:
    number = np.arange(ROWS)
    truth = np.random.default_rng(0).uniform(1, 2, ROWS)
    return pd.DataFrame(
        {"id": [f"r{n}" for n in number], "group": number // 2, "fold": number % 2, "truth": truth}
    )


def _said(rows: pd.DataFrame, strength: float, noise: int) -> NDArray:
    other = np.random.default_rng(7 + noise).uniform(1, 2, len(rows))
    return strength * rows["truth"].to_numpy() + (1 - strength) * other
