"""The one function that ZeroGPU runs on a GPU.

Imported by `app.py` only where SPACES_ZERO_GPU is set, before anything that touches CUDA. The
models are small enough to serve from the CPU of such a Space without quota or fork, so this
path only reports which GPU a visitor could use; the platform demands that one exists.
"""

from __future__ import annotations

import spaces
import torch


@spaces.GPU(duration=5)  # type: ignore[untyped-decorator]
def gpu_name() -> str:
    """The name of the GPU that was lent for this call."""
    return torch.cuda.get_device_name()
