"""Figures of how held-out stories go on: which tokens are looked at, and what they cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models.transformer.model import Transformer
from training.evaluation.continuations import bits, continuations


class Letters:
    """A token a character."""

    def encode(self, text: str) -> list[int]:
        return [ord(one) - 96 for one in text]


def test_only_documents_that_begin_with_the_prompt_and_are_long_enough_count() -> None:
    tokenizer: Any = Letters()
    documents = ["abcde", "xabcde", "abc", "abfghi", "abzzzz"]
    begun, rows = continuations(tokenizer, documents, "ab", texts=2, longest=3)
    assert begun == [1, 2]
    assert rows == [[3, 4, 5], [6, 7, 8]]
    with pytest.raises(ValueError, match="Only 3 held-out stories"):
        continuations(tokenizer, documents, "ab", texts=4, longest=3)


def test_every_token_costs_what_the_model_says_after_all_before_it(tiny: Transformer) -> None:
    found = bits(tiny, [5, 17], [[3, 9], [40, 2]])
    for row, costs in zip([[3, 9], [40, 2]], found.tolist(), strict=True):
        for place, token in enumerate(row):
            with torch.inference_mode():
                logs = tiny(torch.tensor([[5, 17, *row[:place]]]))[0, -1].double().log_softmax(-1)
            assert costs[place] == pytest.approx(-float(logs[token]) / np.log(2), abs=1e-4)
