"""The probabilities of several texts, against one forward pass for each without a cache."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from inference import wire
from inference.errors import BadTrajectory, OutOfRange
from inference.service import Service
from inference.task import Result
from inference.tasks.path_scores import ScorePaths
from inference.types.tokenized import Tokenized
from models.transformer.model import Transformer
from tests.conftest import CHECKPOINTS, finished

PROMPT = Tokenized("abc", (5, 17, 40), (b"a", b"b", b"c"))
TOKENIZER: Any = SimpleNamespace(bytes_of=lambda token: bytes([token]), end_of_text=9)
PATHS = ((3, 7, 11, 2), (3, 7, 1), (60,), ())


def test_every_token_has_the_probability_after_those_before_it(tiny: Transformer) -> None:
    task = replace(ScorePaths("abc", "tiny", PATHS), tokens=PROMPT, ends=(9,))
    device = SimpleNamespace(tensors="cpu")
    placed: Any = SimpleNamespace(decoding=tiny, device=device, derived={})
    found = task.finish(Result(finished(task.program(placed))), TOKENIZER)
    assert [len(one) for one in found.probabilities] == [4, 3, 1, 0]
    for path, probabilities in zip(PATHS, found.probabilities, strict=True):
        for i, token in enumerate(path):
            row = torch.tensor([[*PROMPT.ids, *path[:i]]])
            with torch.inference_mode():
                expected = float(tiny.forward(row)[0, -1].double().softmax(-1)[token])
            assert probabilities[i] == pytest.approx(expected, abs=1e-6)
    assert wire.loads(wire.dumps(found), wire.known()) == found
    assert wire.loads(wire.dumps(task), wire.known()) == task


@pytest.mark.weights
def test_paths_that_lead_nowhere_are_refused() -> None:
    service = Service(CHECKPOINTS, "cpu")
    for paths, error in (
        (((4096,),), BadTrajectory),
        (((0, 5),), BadTrajectory),  # 0 ends a text
        (((-1,),), OutOfRange),
        (((1,),) * 17, OutOfRange),
    ):
        with pytest.raises(error):
            service.answer(ScorePaths("Once", paths=paths))
