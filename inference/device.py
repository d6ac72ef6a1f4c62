"""Which device serves the models."""

from __future__ import annotations

from collections.abc import Mapping

import torch


def choose(setting: str, environment: Mapping[str, str]) -> str:
    """The device for `setting`; "auto" takes CUDA, then MPS, then the CPU.

    On ZeroGPU it is the CPU, whatever torch says: there `torch.cuda.is_available()` is True in
    the web process, and a module moved to CUDA outside the decorated path computes garbage.
    """
    if environment.get("SPACES_ZERO_GPU"):
        return "cpu"
    if setting != "auto":
        return setting
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
