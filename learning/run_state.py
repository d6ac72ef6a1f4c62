"""The full state of a training run, in safetensors: nothing that is read back can hold code."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open

from models import files
from models.transformer.checkpoint import arrays_of

STATE = "state.safetensors"


def save(
    folder: Path,
    model: torch.nn.Module,
    optimisers: list[torch.optim.Optimizer],
    step: int,
    seconds: float,
) -> None:
    """Write weights and optimiser moments; a crash while writing leaves the old state whole."""
    tensors = {f"model.{name}": weight for name, weight in model.state_dict().items()}
    for i, optimiser in enumerate(optimisers):
        for j, moments in optimiser.state_dict()["state"].items():
            for name, value in moments.items():
                tensors[f"optimiser.{i}.{j}.{name}"] = torch.as_tensor(value)
    metadata = {"step": str(step), "seconds": str(seconds)}
    files.write_arrays(folder / STATE, arrays_of(tensors), metadata)


def load(
    folder: Path, model: torch.nn.Module, optimisers: list[torch.optim.Optimizer]
) -> tuple[int, float]:
    """Put a saved state back in place; returns the step and the seconds it was saved at."""
    with safe_open(folder / STATE, framework="pt") as stored:
        saved = stored.metadata()
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    prefix = "model."
    weights = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    model.load_state_dict(weights)
    for i, optimiser in enumerate(optimisers):
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            kind, *place = name.split(".")
            if kind == "optimiser" and int(place[0]) == i:
                state.setdefault(int(place[1]), {})[place[2]] = tensor
        optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
    return int(saved["step"]), float(saved["seconds"])
