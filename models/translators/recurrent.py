"""A recurrent network that translates, with attention to the source or from one vector alone.

With attention it is that of Bahdanau et al. 2015 (arXiv 1409.0473): a GRU reads the source from
each side, and at every step of the target a small network decides where in the source to look.
Without, the decoder is given the two last states of the encoder at every step and nothing else:
one vector for the whole source, as in Cho et al. 2014 (arXiv 1406.1078).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from models.contract import Trace
from models.ladder.recurrent import Gates, Layer
from models.ladder.state_cache import StateCache, check_room
from models.translators.source_cache import END, Source, SourceCache, check_cache, check_source


@dataclass(frozen=True)
class RecurrentTranslatorConfig:
    """The shape; the defaults are those of the collection's models."""

    attends: bool
    vocabulary: int = 4096
    embedding: int = 256
    encoder: int = 256
    """Numbers in the state of each of the two readers."""
    decoder: int = 448
    attention: int = 128
    """Hidden units of the network that scores a position of the source."""
    context: int = 128
    """The longest source, and the longest target, in tokens."""


def reversed_rows(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Each row turned round within its own length; padding stays behind it.

    x: (rows, positions, width); lengths: (rows,).
    """
    place = torch.arange(x.shape[1], device=x.device).expand(x.shape[:2])
    ends = lengths[:, None]
    turned = torch.where(place < ends, ends - 1 - place, place)
    return x.gather(1, turned[..., None].expand_as(x))


class AdditiveAttention(nn.Module):
    """Scores v . tanh(W s + U h) of every annotation h for a state s; Bahdanau et al. 2015."""

    def __init__(self, state: int, annotation: int, hidden: int) -> None:
        super().__init__()
        self.of_state = nn.Linear(state, hidden, bias=False)
        self.of_annotation = nn.Linear(annotation, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(
        self, state: torch.Tensor, keys: torch.Tensor, mask: torch.Tensor | None
    ) -> torch.Tensor:
        """The weights, (rows, positions), of which every row sums to 1.

        state: (rows, state). keys: `of_annotation` of every position, (rows, positions, hidden).
        mask: (rows, positions) bool, False for padding.
        """
        scores = self.score(torch.tanh(self.of_state(state)[:, None] + keys))[..., 0]
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        weights: torch.Tensor = scores.softmax(-1)
        return weights


class RecurrentTranslator(nn.Module):
    """A language model of the target, given a source; fulfils `EncoderDecoder`.

    A source is closed by an end-of-text; a target begins after one, and ends with one.
    """

    def __init__(self, config: RecurrentTranslatorConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.vocabulary, self.context, self.start = config.vocabulary, config.context, END
        width = 2 * config.encoder  # of an annotation, and of the one vector
        self.embedding = nn.Embedding(config.vocabulary, config.embedding)
        self.onward = Layer("gru", config.embedding, config.encoder)
        self.backward_ = Layer("gru", config.embedding, config.encoder)
        self.first_state = nn.Linear(width, config.decoder)
        self.attention = (
            AdditiveAttention(config.decoder, width, config.attention) if config.attends else None
        )
        self.decoder = Layer("gru", config.embedding + width, config.decoder)
        self.readout = nn.Linear(config.decoder + config.embedding + width, config.embedding)
        self.bias = nn.Parameter(torch.zeros(config.vocabulary))
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embedding.weight, std=config.embedding**-0.5)

    def encode(
        self, source: torch.Tensor, mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the decoder reads of a source, and its first state, (rows, 1, decoder).

        With attention (rows, positions, 2 encoder + attention): every annotation and its key;
        without, (rows, 1, 2 encoder): the last states of both readers.
        """
        rows, count = source.shape
        lengths = source.new_full((rows,), count) if mask is None else mask.sum(1)
        x = self.dropout(self.embedding(source))
        blank = x.new_zeros(rows, 1, self.config.encoder)
        onward, _ = self.onward(x, blank)
        backward, _ = self.backward_(reversed_rows(x, lengths), blank)
        last = (lengths - 1)[:, None, None].expand(rows, 1, self.config.encoder)
        summary = torch.cat([onward.gather(1, last), backward.gather(1, last)], -1)
        state = torch.tanh(self.first_state(summary))
        if self.attention is None:
            return summary, state
        annotations = torch.cat([onward, reversed_rows(backward, lengths)], -1)
        return torch.cat([annotations, self.attention.of_annotation(annotations)], -1), state

    def new_cache(self, rows: int, source: torch.Tensor | None = None) -> SourceCache:
        memory, state = self.encode(check_source(source, rows, self.context))
        return SourceCache(StateCache(state), Source(memory))

    def forward(
        self, ids: torch.Tensor, cache: SourceCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        cache, count = check_cache(cache), ids.shape[1]
        text: StateCache = cache.text
        check_room(text, self.context, count)
        if trace is not None:
            trace.interventions.check(len(ids), 1)
        source = cache.source
        logits, state = self._decode(ids, text.state, source.memory, source.mask(), trace)
        text.advance(state, count)
        return logits

    def teach(self, source: torch.Tensor, mask: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Logits of whole targets, (rows, positions, vocabulary), each shown the true ids before.

        source: (rows, positions), with mask: (rows, positions) bool, False for padding. target:
        (rows, positions), beginning with an end-of-text.
        """
        memory, state = self.encode(source, mask)
        return self._decode(target, state, memory, mask, None)[0]

    def _decode(
        self,
        ids: torch.Tensor,
        state: torch.Tensor,
        memory: torch.Tensor,
        mask: torch.Tensor | None,
        trace: Trace | None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The logits of every next token, and the state after the last of `ids`."""
        x = self.dropout(self.embedding(ids))
        if self.attention is None and trace is None:
            contexts = memory.expand(-1, ids.shape[1], -1)
            outputs, state = self.decoder(torch.cat([x, contexts], -1), state)
        else:
            outputs, contexts, state = self._step_by_step(x, state, memory, mask, trace)
        read = torch.tanh(self.readout(torch.cat([outputs, x, contexts], -1)))
        return F.linear(self.dropout(read), self.embedding.weight, self.bias), state

    def _step_by_step(
        self,
        x: torch.Tensor,
        state: torch.Tensor,
        memory: torch.Tensor,
        mask: torch.Tensor | None,
        trace: Trace | None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Look into the source from the state so far, then step: of every position its output and
        what was seen there, and the last state."""
        layer, attention, width = self.decoder, self.attention, 2 * self.config.encoder
        annotations, keys = memory[..., :width], memory[..., width:]
        of_token, of_context = layer.input_weight[:, :-width], layer.input_weight[:, -width:]
        from_token = F.linear(x, of_token, layer.input_bias)
        outputs, contexts, looks, gates = [], [], [], list[Gates]()
        for position in range(x.shape[1]):
            if attention is None:
                context = annotations[:, 0]
            else:
                looks.append(attention(state[:, 0], keys, mask))
                context = torch.bmm(looks[-1][:, None].to(annotations), annotations)[:, 0]
            from_input = from_token[:, position] + F.linear(context, of_context)
            from_state = F.linear(state[:, 0], layer.state_weight, layer.state_bias)
            state, opened = layer.cell.step(from_input, from_state, state)
            outputs.append(state[:, 0])
            contexts.append(context)
            gates.append(opened)
        if trace is not None:
            trace.gates.append({n: torch.stack([g[n] for g in gates], 1) for n in gates[0]})
            if looks:
                trace.cross_attention.append(torch.stack(looks, 1)[:, None])
        return torch.stack(outputs, 1), torch.stack(contexts, 1), state
