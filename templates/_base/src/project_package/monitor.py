"""Does the service still see what the model was trained on?

The service logs one number for each prediction (never the input). The population stability
index compares their distribution with the one on held-out rows: below 0.1 is stable, above
0.25 calls for a look and perhaps new training (Siddiqi, Credit Risk Scorecards, 2006).
"""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .errors import ProjectError
from .workspace import Workspace, read_json

LOG = "logs/predictions.jsonl"
STABLE, SHIFTED = 0.1, 0.25
FEWEST = 100  # below that the index is mostly noise


def run(workspace: Workspace) -> int:
    """Print the index; returns 1 when the predictions have shifted, else 0."""
    training = read_json(workspace.models / "training.json", made_by="train")
    served = read_scores(workspace)
    index = population_stability_index(training["reference_scores"], served)
    verdict = "stable" if index < STABLE else "drifting" if index < SHIFTED else "shifted"
    print(f"{len(served):,} predictions served; population stability index {index:.3f}: {verdict}")
    return int(index >= SHIFTED)


def log_score(workspace: Workspace, score: float) -> None:
    """Append one served prediction; its input is not kept."""
    path = workspace.root / LOG
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8", newline="\n") as log:
        log.write(json.dumps({"score": round(float(score), 6)}) + "\n")


def read_scores(workspace: Workspace) -> list[float]:
    """The logged predictions; raises ProjectError when there are too few to judge."""
    path = workspace.root / LOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if len(lines) < FEWEST:
        raise ProjectError(f"{len(lines)} predictions served, {FEWEST} are needed to judge")
    return [json.loads(line)["score"] for line in lines]


def population_stability_index(reference: Sequence[float], served: ArrayLike) -> float:
    """Σ (s − r) · ln(s / r) over the tenths of the reference, shares smoothed by half a count."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, 11))[1:-1])
    shares = []
    for values in (reference, served):
        counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1) + 0.5
        shares.append(counts / counts.sum())
    expected, found = shares
    return float(np.sum((found - expected) * np.log(found / expected)))
