"""Which device serves the models."""

from __future__ import annotations

import torch


def choose(setting: str) -> str:
    """The device for `setting`; "auto" takes CUDA, then MPS, then the CPU.

    On ZeroGPU `app.py` sets "cpu" before anybody asks torch: there `torch.cuda.is_available()` is
    True in the web process, and a module moved to CUDA computes garbage outside the decorated path.
    """
    if setting != "auto":
        return setting
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
