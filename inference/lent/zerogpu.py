"""The one function that ZeroGPU runs on a GPU: a task in a forked process, its news one by one.

Imported by `app.py` only where SPACES_ZERO_GPU is set, before anything that touches CUDA. Task and
news are pickled on their way by the platform. A fork has the memory of the page's process and none
of its threads: a lock that was held then is held for ever, so the function makes all that it uses
anew, and finds its modules imported.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import spaces
import torch

from inference.errors import InternalError, OrreryError, Restarted
from inference.lent.backend import Lent, News
from inference.limits import Limits
from inference.loading.registry import Source
from inference.local import LocalBackend, open_torch
from inference.scheduling import scheduler
from inference.task import Failure, Result, Task
from inference.text.notes import joined
from models import loading

NEEDED = (scheduler, loading)
"""What a backend imports once it is asked."""
SECONDS = 10
"""That the GPU is asked for: a visitor must have them left, and is charged for those used."""
STARTING = 2.0  # seconds of them until the first step


def lend(sources: Mapping[str, Source], limits: Limits, half: bool) -> Lent:
    """What runs a task on the GPU. To be made before the page is served: the platform looks."""
    limits = replace(limits, seconds=SECONDS - STARTING)

    @cache
    def backend() -> LocalBackend:  # of the forked process, which may serve several runs
        return LocalBackend(sources, open_torch("cuda", half), limits)

    @spaces.GPU(duration=SECONDS)  # type: ignore[untyped-decorator]
    def on_gpu(task: Task[Any, Any], after: int) -> Generator[News, None, None]:
        try:
            for news in backend().run(task, None, after):
                yield noted(news, backend().status.note) if isinstance(news, Result) else news
        except Restarted:
            os._exit(1)  # CUDA is lost to this process: the next run is to have another
        except OrreryError as error:
            yield Failure.of(error)
        except Exception as error:
            yield Failure.of(InternalError(error))

    lent: Lent = on_gpu
    return lent


def noted(news: Result[Any], note: str) -> Result[Any]:
    """The news with a word on where they come from; `note`: why it is not the GPU."""
    return replace(
        news, note=joined(news.note, note or f"On a lent {torch.cuda.get_device_name()}.")
    )
