"""What a model says after a prompt and a few tokens more, read from the cached prompt."""

from __future__ import annotations

import copy
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.many.branches import Branch, Tree
from inference.decoding.stepping import Snapshot, Stepper
from inference.errors import NumericalFault

Path = tuple[int, ...]
"""The ids of some tokens since the prompt."""
ROWS = 16  # paths that are read together


@torch.inference_mode()
def after(stepper: Stepper[Any], prompt: Snapshot, paths: Sequence[Path]) -> NDArray[np.float64]:
    """Probabilities of what follows each of some paths of one length: (paths, vocabulary).

    Raises NumericalFault.
    """
    if not paths or not paths[0]:
        return _softmax(torch.from_numpy(prompt.logits[0]), 1).exp().numpy()
    cache = copy.deepcopy(prompt.cache)  # the cached one stays as it is
    cache.expand(len(paths))
    ids = torch.tensor([list(path) for path in paths], device=stepper.device)
    logits = stepper.model.forward(ids, cache)[:, -1]
    return _softmax(logits, 1 + len(paths[0])).exp().numpy()


@torch.inference_mode()
def along(stepper: Stepper[Any], prompt: Snapshot, path: Path) -> NDArray[np.float64]:
    """The probability of every token of a path after those before it: (tokens,).

    Raises NumericalFault.
    """
    rows = [_softmax(torch.from_numpy(prompt.logits[0]), 1)]
    if len(path) > 1:
        cache = copy.deepcopy(prompt.cache)
        ids = torch.tensor([list(path[:-1])], device=stepper.device)
        rows.append(_softmax(stepper.model.forward(ids, cache)[0], 2))
    logs = torch.cat(rows)
    came: NDArray[np.float64] = logs.gather(1, torch.tensor(path)[:, None])[:, 0].exp().numpy()
    return came


def grown(
    stepper: Stepper[Any], prompt: Snapshot, depth: int, least: float, most: int
) -> Generator[None, None, Tree]:
    """The tree of all continuations of up to `depth` tokens with a joint probability of `least`.

    A slice reads `ROWS` paths; `most` are opened in all, the shorter and more probable ones first.
    Raises NumericalFault.
    """
    branches, rest = _listed(after(stepper, prompt, [()])[0], (), -1, 1.0, least)
    found = _ranked(branches)
    first, opened, unopened = 0, 1, 0.0
    for _ in range(1, depth):
        level = [i for i in range(first, len(found)) if not _ends(stepper, found[i][1].token)]
        first = len(found)
        unopened += sum(found[i][1].joint for i in level[most - opened :])
        level = level[: most - opened]
        opened += len(level)
        nexts: list[tuple[Path, Branch]] = []
        for start in range(0, len(level), ROWS):
            yield None
            some = level[start : start + ROWS]
            rows = after(stepper, prompt, [found[i][0] for i in some])
            for i, row in zip(some, rows, strict=True):
                path, branch = found[i]
                more, left = _listed(row, path, i, branch.joint, least)
                found[i] = path, branch._replace(opened=True, rest=left)
                nexts += more
        found += _ranked(nexts)
    return Tree(tuple(branch for _, branch in found), rest, unopened)


def _listed(
    row: NDArray[np.float64], path: Path, parent: int, before: float, least: float
) -> tuple[list[tuple[Path, Branch]], float]:
    """The tokens after a path that keep it at `least`, and the probability of the others."""
    joint = before * row
    kept = np.flatnonzero(joint >= least)
    left = float(np.delete(joint, kept).sum())
    return [
        (
            (*path, token),
            Branch(
                token, parent, len(path) + 1, float(row[token]), float(joint[token]), False, 0.0
            ),
        )
        for token in kept.tolist()
    ], left


def _ranked(level: list[tuple[Path, Branch]]) -> list[tuple[Path, Branch]]:
    return sorted(level, key=lambda one: (-one[1].joint, one[0]))


def _ends(stepper: Stepper[Any], token: int) -> bool:
    ends = stepper.ends
    return token == ends if isinstance(ends, int) else token in ends


def _softmax(logits: torch.Tensor, step: int) -> torch.Tensor:
    """Log-probabilities in float64 on the CPU."""
    logs = logits.double().log_softmax(-1).cpu()
    if not torch.isfinite(logs).all():
        raise NumericalFault(step)
    return logs
