"""A training on disk, in safetensors: numbers and a little text, nothing that runs."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

NETWORK, MOMENTUM = "network.", "momentum."


@dataclass(frozen=True)
class Standing:
    """How far a training has come; `identity` says of what data and by which recipe."""

    identity: str
    step: int = 0
    curve: list[dict[str, Any]] = field(default_factory=list)


def save(
    path: Path, standing: Standing, network: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Write beside first and then move, so that an interruption leaves the checkpoint before."""
    tensors = {NETWORK + name: value for name, value in network.state_dict().items()}
    for name, weight in network.named_parameters():
        momentum = optimiser.state[weight].get("momentum_buffer")
        tensors[MOMENTUM + name] = torch.zeros_like(weight) if momentum is None else momentum
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    contiguous = {name: value.detach().contiguous() for name, value in tensors.items()}
    save_file(contiguous, beside, {"standing": json.dumps(asdict(standing))})
    beside.replace(path)


def read_standing(path: Path) -> Standing | None:
    """What the checkpoint is of; None when there is none."""
    if not path.exists():
        return None
    with safe_open(path, framework="pt") as file:
        return Standing(**json.loads(file.metadata()["standing"]))


def restore(path: Path, network: nn.Module, optimiser: torch.optim.Optimizer | None = None) -> None:
    """Put the numbers of the checkpoint into the network and the optimiser's momentum."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    network.load_state_dict(
        {name.removeprefix(NETWORK): tensors[name] for name in tensors if name.startswith(NETWORK)}
    )
    if optimiser:
        for name, weight in network.named_parameters():
            optimiser.state[weight]["momentum_buffer"] = tensors[MOMENTUM + name]
