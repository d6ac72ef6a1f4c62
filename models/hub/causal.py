"""A causal model of `transformers` behind our own contract."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from models.contract import LayerValues, Trace
from models.hub.cache import HubCache, Padded
from models.hub.inside import Heads, weights
from models.hub.positions import context_of, first_position
from models.hub.writing import WritingRules


class CausalModel(nn.Module):
    """Fulfils `LanguageModel`; absolute, rotary and relative positions alike."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.vocabulary: int = model.config.get_text_config().vocab_size
        self.context = context_of(model)
        self.heads = Heads(model)
        self._rules = WritingRules(model.generation_config, self.vocabulary)
        accepted = inspect.signature(model.forward).parameters
        self._places_rows = "position_ids" in accepted  # else the model counts by the mask itself
        self._keeps_some = "logits_to_keep" in accepted
        self._first_position = first_position(model)
        self._cache_name = cache_name(model)

    def new_cache(self, rows: int) -> HubCache:
        return HubCache(rows, self.model.device)

    def forward(
        self, ids: torch.Tensor, cache: HubCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        rows, count = ids.shape
        cache = self.new_cache(rows) if cache is None else cache
        text = cache.text
        check_room(count, text, self.context)
        inputs: dict[str, Any] = {"input_ids": ids, self._cache_name: text.stored}
        inputs |= masked(text, count, "attention_mask")
        if self._places_rows:
            inputs["position_ids"] = text.positions(count) + self._first_position
        starts = text.lengths.tolist()
        with self.heads.open(trace, rows, starts), text.appending(count):
            result = self.model(**inputs, use_cache=True, output_attentions=trace is not None)
        if trace is not None:
            trace.attention += weights(result.attentions, rows, count, text.longest)
        return self._rules.apply(result.logits.float(), starts)  # (rows, count, vocabulary)

    def values(self, ids: torch.Tensor) -> tuple[Trace, list[LayerValues]]:
        """One traced pass over one text, (1, count), with what the heads of every layer mix.

        Raises HubError where an architecture keeps that to itself.
        """
        trace = Trace()
        with self.heads.watch_values() as kept:
            self.forward(ids, trace=trace)
        return trace, self.heads.values(kept, trace)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """The vectors that a text begins as: (rows, count, width)."""
        embedded: torch.Tensor = self.model.get_input_embeddings()(ids)
        return embedded

    def after(self, embedded: torch.Tensor) -> torch.Tensor:
        """What follows a text that begins as these vectors, (rows, count, width): logits, (rows,
        vocabulary). Not every architecture reads all of a text so: compare it with `forward`.
        """
        rows, count, _ = embedded.shape
        inputs: dict[str, Any] = {"inputs_embeds": embedded, "use_cache": False}
        if self._places_rows:
            places = torch.arange(count, device=embedded.device) + self._first_position
            inputs["position_ids"] = places.expand(rows, -1)
        if self._keeps_some:
            inputs["logits_to_keep"] = 1
        logits = self.model(**inputs).logits.float()
        return self._rules.apply(logits[:, -1:], [count - 1] * rows)[:, -1]


def cache_name(model: Any) -> str:
    """What the model calls its cache: the word changed within transformers 5."""
    accepted = inspect.signature(model.forward).parameters
    return "cache" if "cache" in accepted else "past_key_values"


def masked(text: Padded, count: int, name: str) -> dict[str, torch.Tensor]:
    """The mask under its name where a row is shorter than the others; else nothing."""
    return {name: text.mask(count)} if text.ragged else {}


def check_room(count: int, text: Padded, context: int) -> None:
    """Raise ValueError, before anything is read, where `count` positions do not fit."""
    room = context - text.longest
    if count > room:
        raise ValueError(f"{count} more tokens do not fit: there is room for {room}.")
