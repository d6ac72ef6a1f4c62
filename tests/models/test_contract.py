"""The contract of a LanguageModel, for every model that fulfils it.

A new model joins by naming its fixture in `MODELS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.contract import Cache, LanguageModel, Trace
from models.interventions import CellAblation, HeadAblation, Interventions

TRANSFORMERS = ["tiny", "fast_tiny", "gpt2", "llama", "marian", "tiny_translator"]
OTHERS = [
    "tiny_ngram",
    "tiny_table",
    "tiny_window",
    "tiny_rnn",
    "tiny_gru",
    "tiny_lstm",
    "tiny_rnn_translator",
    "tiny_bottleneck",
]
MODELS = [*TRANSFORMERS, *OTHERS]
CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> LanguageModel[Any]:
    return request.getfixturevalue(request.param)


def some_ids(model: LanguageModel[Any], *shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(model.vocabulary, shape, generator=generator)


@torch.inference_mode()
def full(model: LanguageModel[Any], ids: torch.Tensor) -> torch.Tensor:
    return model.forward(ids)


class Rows:
    """A cache beside the plain texts of its rows, so that the two can be compared."""

    def __init__(self, model: LanguageModel[Any], texts: list[list[int]]) -> None:
        self.model = model
        self.texts: list[list[int]] = []
        self.cache: Cache | None = None
        for text in texts:
            self.join(text)

    @torch.inference_mode()
    def join(self, text: list[int]) -> None:
        """One more row, read on its own."""
        cache = self.model.new_cache(rows=1)
        self.model.forward(torch.tensor([text]), cache)
        self.texts.append(list(text))
        if self.cache is None:
            self.cache = cache
        else:
            self.cache.join(cache)

    def expand(self, copies: int) -> None:
        self.cache.expand(copies)
        self.texts = [list(text) for text in self.texts for _ in range(copies)]

    def reorder(self, rows: list[int]) -> None:
        self.cache.reorder(torch.tensor(rows))
        self.texts = [list(self.texts[row]) for row in rows]

    def drop(self, rows: list[int]) -> None:
        self.cache.drop(torch.tensor(rows))
        self.texts = [text for row, text in enumerate(self.texts) if row not in rows]

    @torch.inference_mode()
    def step(self, count: int = 1) -> None:
        """Read on in all rows together, and compare with each text read alone and afresh."""
        total = sum(map(len, self.texts))
        ids = some_ids(self.model, len(self.texts), count, seed=total)
        logits = self.model.forward(ids, self.cache)
        for row, text in enumerate(self.texts):
            text += ids[row].tolist()
            alone = self.model.forward(torch.tensor([text]))[0, -count:]
            torch.testing.assert_close(logits[row], alone, **CLOSE)
        assert self.cache.lengths.tolist() == [len(text) for text in self.texts]


@pytest.fixture(autouse=True)
def inference() -> Iterator[None]:
    """As the engine does it: caches are made and moved in inference mode, too."""
    with torch.inference_mode():
        yield


def test_logits_are_float32_for_every_position(model: LanguageModel[Any]) -> None:
    logits = full(model, some_ids(model, 2, 5))
    assert logits.shape == (2, 5, model.vocabulary)
    assert logits.dtype == torch.float32


def test_the_future_does_not_reach_the_past(model: LanguageModel[Any]) -> None:
    ids = some_ids(model, 1, 10)
    changed = ids.clone()
    changed[0, 6] = (ids[0, 6] + 1) % model.vocabulary
    before, after = full(model, ids), full(model, changed)
    torch.testing.assert_close(before[:, :6], after[:, :6], **CLOSE)
    assert not torch.allclose(before[:, 6:], after[:, 6:], atol=1e-2)


@pytest.mark.parametrize("cuts", [[1] * 12, [12], [5, 1, 1, 3, 2], [11, 1]])
def test_reading_in_pieces_equals_reading_at_once(
    model: LanguageModel[Any], cuts: list[int]
) -> None:
    ids = some_ids(model, 3, 12)
    cache = model.new_cache(rows=3)
    with torch.inference_mode():
        pieces = [model.forward(piece, cache) for piece in ids.split(cuts, dim=1)]
    torch.testing.assert_close(torch.cat(pieces, dim=1), full(model, ids), **CLOSE)
    assert cache.lengths.tolist() == [12] * 3


def test_expand_puts_copies_side_by_side(model: LanguageModel[Any]) -> None:
    rows = Rows(model, [[1, 2, 3], [4, 5, 6]])
    rows.expand(3)
    assert rows.cache.lengths.tolist() == [3] * 6
    rows.step()
    rows.step(2)


def test_many_copies_of_one_text_part(model: LanguageModel[Any]) -> None:
    rows = Rows(model, [[1, 2, 3]])
    rows.expand(34)
    rows.step()
    rows.reorder([4, 4, *range(30), 33])
    rows.step()
    rows.step(2)
    rows.drop([*range(3, 32)])
    rows.step()
    rows.join([7, 7])
    rows.step()
    rows.expand(2)
    rows.step()


def test_rows_of_different_length_step_together(model: LanguageModel[Any]) -> None:
    rows = Rows(model, [[1, 2, 3], [4, 5, 6, 7, 8, 9, 10], [11]])
    rows.step()
    rows.step(3)
    rows.expand(2)
    rows.step()
    rows.reorder([5, 0, 0, 3, 4, 1])
    rows.step()
    rows.reorder([2, 3])
    rows.step(2)
    rows.join([7, 7])
    rows.step()
    rows.drop([1])
    rows.step()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_sequence_of_operations_equals_reading_alone(
    model: LanguageModel[Any], data: st.DataObject
) -> None:
    texts = st.lists(st.integers(0, model.vocabulary - 1), min_size=1, max_size=6)
    rows = Rows(model, data.draw(st.lists(texts, min_size=1, max_size=3)))
    for operation in data.draw(
        st.lists(st.sampled_from(["join", "expand", "reorder", "drop"]), max_size=5)
    ):
        place = st.integers(0, len(rows.texts) - 1)
        if operation == "join":
            rows.join(data.draw(texts))
        elif operation == "expand" and len(rows.texts) <= 4:
            rows.expand(2)
        elif operation == "reorder":
            rows.reorder(data.draw(st.lists(place, min_size=1, max_size=6)))
        elif operation == "drop" and len(rows.texts) > 1:
            rows.drop([data.draw(place)])
        rows.step(data.draw(st.integers(1, 2)))


def test_t19_a_text_beyond_the_context_is_refused(model: LanguageModel[Any]) -> None:
    assert full(model, some_ids(model, 1, model.context)).shape[1] == model.context
    with pytest.raises(ValueError, match="do not fit"):
        full(model, some_ids(model, 1, model.context + 1))


def test_t19_a_text_that_outgrows_the_context_is_refused_and_nothing_is_read(
    model: LanguageModel[Any],
) -> None:
    rows = Rows(model, [some_ids(model, 1, model.context - 2)[0].tolist()])
    with pytest.raises(ValueError, match="3 more tokens do not fit: there is room for 2"):
        model.forward(some_ids(model, 1, 3), rows.cache)
    assert rows.cache.lengths.tolist() == [model.context - 2]
    rows.step(2)


def test_a_long_row_that_is_gone_takes_no_room(model: LanguageModel[Any]) -> None:
    rows = Rows(model, [some_ids(model, 1, model.context - 1)[0].tolist(), [1, 2]])
    rows.reorder([1, 1])
    rows.step(model.context - 2)


def test_rows_take_turns_for_longer_than_a_context(model: LanguageModel[Any]) -> None:
    rows = Rows(model, [[1, 2, 3]])
    for turn in range(8):
        rows.join([turn] * (1 + 9 * turn % 7))
        rows.step(model.context // 4)
        rows.drop([0])


@pytest.mark.parametrize("name", OTHERS)
def test_heads_cannot_be_removed_where_there_are_none(
    name: str, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(name)
    trace = Trace(Interventions((HeadAblation(row=0, layer=0, head=0),)))
    cache = model.new_cache(rows=1)
    with pytest.raises(ValueError, match="no attention heads"):
        model.forward(some_ids(model, 1, 3), cache, trace)
    assert cache.lengths.tolist() == [0]


@pytest.mark.parametrize("name", ["tiny_ngram", "tiny_window", "tiny_rnn_translator"])
def test_cells_cannot_be_held_where_there_are_none(
    name: str, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(name)
    trace = Trace(Interventions(cells=(CellAblation(row=0, layer=0, cell=0),)))
    with pytest.raises(ValueError, match="no recurrent cells"):
        model.forward(some_ids(model, 1, 3), model.new_cache(rows=1), trace)


@pytest.mark.parametrize("name", ["tiny_rnn", "tiny_gru", "tiny_lstm"])
def test_a_cell_that_is_not_there_cannot_be_held(name: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(name)
    for cell, message in (
        (CellAblation(0, 0, 12), "no cell 12: they go from 0 to 11"),
        (CellAblation(0, 2, 0), "no layer 2"),
        (CellAblation(1, 0, 0), "no row 1"),
    ):
        with pytest.raises(ValueError, match=message):
            model.forward(some_ids(model, 1, 3), trace=Trace(Interventions(cells=(cell,))))
