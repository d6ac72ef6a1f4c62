"""An encoder-decoder model of `transformers`: a language model of the target, given a source."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from models.contract import Trace
from models.hub.cache import HubCache, Padded
from models.hub.causal import cache_name, check_room, masked
from models.hub.inside import Heads, weights
from models.hub.positions import context_of
from models.hub.writing import WritingRules, start_of


class EncoderDecoderModel(nn.Module):
    """Fulfils `LanguageModel` for the target text; the cache holds the source.

    A target starts with `start`. Tokens that the model's own settings rule out (Marian's padding,
    whose logit was never trained) are given a logit that no chooser takes.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        config = model.config
        self.vocabulary: int = getattr(config, "decoder_vocab_size", None) or config.vocab_size
        self.context = context_of(model)
        self.start = start_of(model, self.vocabulary)
        self._rules = WritingRules(model.generation_config, self.vocabulary)
        self.heads = Heads(model.get_decoder())
        self._cache_name = cache_name(model)

    def new_cache(self, rows: int, source: torch.Tensor | None = None) -> HubCache:
        """A cache whose rows have read their source, once.

        source: (rows, positions) int64, ids with what closes a source. Raises ValueError where it
        is missing or longer than the context.
        """
        if source is None or source.shape[0] != rows:
            raise ValueError(
                f"An encoder-decoder model needs a source text for each of {rows} rows."
            )
        count = source.shape[1]
        if not 0 < count <= self.context:
            raise ValueError(f"A source has from 1 to {self.context} tokens, not {count}.")
        cross = Padded(rows, self.model.device)
        encoded = self.model.get_encoder()(input_ids=source).last_hidden_state
        # One position read and forgotten: its pass leaves the source's keys and values behind.
        first = torch.full((rows, 1), self.start, device=source.device)
        both = EncoderDecoderCache(DynamicCache(), cross.stored)
        with cross.appending(count):
            self._pass(first, both, {"encoder_outputs": BaseModelOutput(encoded)})
        return HubCache(rows, self.model.device, cross)

    def source_attention(self, source: torch.Tensor) -> list[torch.Tensor]:
        """How the source attends to itself: one (rows, heads, positions, positions) a layer."""
        rows, count = source.shape
        result = self.model.get_encoder()(input_ids=source, output_attentions=True)
        return weights(result.attentions, rows, count, count)

    def forward(
        self, ids: torch.Tensor, cache: HubCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        if cache is None or cache.source is None:
            raise ValueError(
                "Make a cache from the source text first: new_cache(rows, source=ids)."
            )
        rows, count = ids.shape
        text, source = cache.text, cache.source
        check_room(count, text, self.context)
        # The keys and values of the source are cached; of its states only the size is asked for.
        states = torch.zeros((), device=ids.device).expand(rows, source.longest, 1)
        inputs = {
            "encoder_outputs": BaseModelOutput(states),
            "output_attentions": trace is not None,
            **masked(source, 0, "attention_mask"),
            **masked(text, count, "decoder_attention_mask"),
        }
        starts = text.lengths.tolist()
        with (
            self.heads.open(trace, rows, starts),
            self._placed(text, count),
            text.appending(count),
        ):
            both = EncoderDecoderCache(text.stored, source.stored)
            result = self._pass(ids, both, inputs)
        if trace is not None:
            trace.attention += weights(result.decoder_attentions, rows, count, text.longest)
            trace.cross_attention += weights(result.cross_attentions, rows, count, source.longest)
        return self._rules.apply(result.logits.float(), starts)  # (rows, count, vocabulary)

    def _pass(self, ids: torch.Tensor, both: EncoderDecoderCache, inputs: dict[str, Any]) -> Any:
        inputs |= {"decoder_input_ids": ids, self._cache_name: both, "use_cache": True}
        return self.model(**inputs)

    @contextlib.contextmanager
    def _placed(self, text: Padded, count: int) -> Iterator[None]:
        """Give each row the positions of its own length, for this pass alone.

        These decoders count positions by the longest row and offer no argument for others.
        """
        table = getattr(self.model.get_decoder(), "embed_positions", None)
        if table is None or not text.ragged:  # relative positions need no help
            yield
            return
        places = text.positions(count)  # (rows, count)

        def embed(module: nn.Module, arguments: tuple[Any, ...], output: torch.Tensor) -> Any:
            rows = module.forward(places.shape, position_ids=places.flatten())
            return rows.reshape(*places.shape, -1)  # (rows, count, width)

        handle = table.register_forward_hook(embed)
        try:
            yield
        finally:
            handle.remove()
