"""All that could come, against every text that there is over a small vocabulary."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from inference import wire
from inference.decoding.many import continuing
from inference.errors import NumericalFault, OutOfRange
from inference.task import Result
from inference.tasks import continuations
from inference.tasks.continuations import Continuations, Continue
from inference.types.tokenized import Tokenized
from models.transformer.model import Transformer
from tests.conftest import finished
from tests.inference.decoders import Watched

PROMPT = Tokenized("abc", (5, 17, 40), (b"a", b"b", b"c"))
TOKENIZER = SimpleNamespace(bytes_of=lambda token: bytes([token]), end_of_text=9, vocabulary=64)
DEVICE = SimpleNamespace(tensors="cpu")


def found(model: Any, depth: int, least: float, ends: tuple[int, ...] = (9,)) -> Continuations:
    task = replace(Continue("abc", depth=depth, least=least), tokens=PROMPT, ends=ends)
    placed: Any = SimpleNamespace(decoding=model, device=DEVICE, derived={})
    return task.finish(Result(finished(task.program(placed))), TOKENIZER)


@torch.inference_mode()
def every_text(model: Transformer, depth: int, end: int) -> dict[tuple[int, ...], float]:
    """The probability of every text of up to so many tokens, without a cache: 64 ** depth rows."""
    shares: dict[tuple[int, ...], float] = {(): 1.0}
    level: list[tuple[int, ...]] = [()]
    for _ in range(depth):
        rows = torch.tensor([[*PROMPT.ids, *path] for path in level])
        chances = model.forward(rows)[:, -1].double().softmax(-1).numpy()
        for path, row in zip(level, chances, strict=True):
            shares |= {(*path, i): shares[path] * float(p) for i, p in enumerate(row)}
        level = [p for p in shares if len(p) == len(level[0]) + 1 and p[-1] != end]
    del shares[()]
    return shares


@pytest.mark.parametrize(("depth", "least"), [(1, 0.01), (2, 0.002), (3, 0.002)])
def test_the_tree_holds_every_text_above_the_probability_and_no_other(
    tiny: Transformer, depth: int, least: float
) -> None:
    shares = every_text(tiny, depth, end=9)
    tree = found(tiny, depth, least)
    expected = {path: share for path, share in shares.items() if share >= least}
    listed = {tuple(tree.path(i)): b.joint for i, b in enumerate(tree.tree.branches)}
    assert listed.keys() == expected.keys()
    assert [listed[path] for path in expected] == pytest.approx(list(expected.values()), abs=1e-6)
    assert len(expected) > depth
    for path, share in tree.texts:
        assert share == pytest.approx(shares[path], abs=1e-6)
        assert len(path) == depth or path[-1] == 9
    whole = [share for path, share in shares.items() if len(path) == depth or path[-1] == 9]
    assert sum(whole) == pytest.approx(1)
    beyond = tree.tree.rest + sum(branch.rest for branch in tree.tree.branches)
    assert tree.held + beyond == pytest.approx(1)
    assert tree.held == pytest.approx(sum(shares[path] for path, _ in tree.texts), abs=1e-6)


def test_a_branch_shares_what_stands_before_it(tiny: Transformer) -> None:
    tree = found(tiny, 3, 0.002).tree
    assert max(branch.depth for branch in tree.branches) == 3
    for branch in tree.branches:
        before = tree.branches[branch.parent].joint if branch.parent >= 0 else 1.0
        assert branch.joint == pytest.approx(before * branch.probability)
    for i, branch in enumerate(tree.branches):
        following = sum(one.joint for one in tree.branches if one.parent == i)
        if branch.opened:
            assert following + branch.rest == pytest.approx(branch.joint)


def test_a_text_that_has_ended_does_not_go_on(tiny: Transformer) -> None:
    first = found(tiny, 1, 0.01).tree.branches[0].token
    tree = found(tiny, 3, 0.002, ends=(9, first)).tree
    ended = [i for i, branch in enumerate(tree.branches) if branch.token == first]
    assert ended
    assert not any(tree.branches[i].opened for i in ended)
    assert not any(branch.parent in ended for branch in tree.branches)


def test_no_more_is_opened_than_a_bound_and_what_is_left_out_is_told(
    tiny: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = found(tiny, 3, 0.002)
    monkeypatch.setattr(continuations, "OPENED", 4)
    part = found(tiny, 3, 0.002)
    assert sum(branch.opened for branch in part.tree.branches) == 3  # and the prompt
    assert part.tree.unopened > 0
    assert whole.tree.unopened == 0
    left = [b.joint for b in part.tree.branches if b.depth < 3 and not b.opened and b.token != 9]
    assert part.tree.unopened == pytest.approx(sum(left))
    beyond = part.tree.rest + sum(branch.rest for branch in part.tree.branches)
    assert part.held + beyond == pytest.approx(1)


def test_a_slice_reads_a_bounded_number_of_rows_and_the_prompt_once(tiny: Transformer) -> None:
    model: Any = Watched(tiny)
    found(model, 4, 0.002)
    assert model.shapes[0] == (1, 3)
    assert max(rows for rows, _ in model.shapes) <= continuing.ROWS
    assert all(positions < 4 for _, positions in model.shapes[1:])


def test_a_tree_travels_as_bytes_and_bad_numbers_are_refused(tiny: Transformer) -> None:
    tree = found(tiny, 2, 0.01)
    assert wire.loads(wire.dumps(tree), wire.known()) == tree
    for more in ({"depth": 5}, {"depth": 0}, {"least": 0.0}, {"least": float("nan")}):
        with pytest.raises(OutOfRange):
            Continue("abc", **more)  # type: ignore[arg-type]


def test_a_model_that_returns_no_numbers_is_a_fault(tiny: Transformer) -> None:
    broken: Any = SimpleNamespace(
        context=64,
        vocabulary=64,
        new_cache=lambda rows: None,
        forward=lambda ids, cache: torch.full((1, ids.shape[1], 64), float("nan")),
    )
    with pytest.raises(NumericalFault):
        found(broken, 2, 0.01)


def test_the_tokens_of_a_path_have_the_probabilities_of_the_tree(tiny: Transformer) -> None:
    task = replace(Continue("abc", depth=3, least=0.002), tokens=PROMPT, ends=(9,))
    placed: Any = SimpleNamespace(decoding=tiny, device=DEVICE, derived={})
    tree = task.finish(Result(finished(task.program(placed))), TOKENIZER)
    deepest = len(tree.tree.branches) - 1
    path = tuple(tree.path(deepest))
    (snapshot,) = placed.derived["snapshots"].values()
    shares = continuing.along(SimpleNamespace(model=tiny, device="cpu"), snapshot, path)  # type: ignore[arg-type]
    assert len(path) == 3
    assert np.prod(shares) == pytest.approx(tree.tree.branches[deepest].joint, abs=1e-7)
