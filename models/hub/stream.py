"""The residual stream of a causal model of `transformers`, and how its end is read.

Architectures name the last norm and the head in their own ways. Instead of a list of names, the
head is what the model itself calls its output embeddings, and the last norm is the module whose
output went into it. Whether that is the whole of the way is not assumed: the last state, read this
way, must give the model's own logits.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

import torch
from torch import nn

from models.hub.causal import CausalModel
from models.hub.policy import HubError

FAR = 1e-3  # of the largest logit
IN_A_BLOCK = re.compile(r"\.\d+(\.|$)")
HIDDEN = "The last norm and the head of this architecture cannot be found, so no lens can read it."


class Stream:
    """The states of one text after the embedding and after every block, and what reads them."""

    def __init__(self, model: CausalModel, ids: torch.Tensor) -> None:
        """ids: (1, positions). Raises HubError where the way from a state to logits is hidden."""
        inner = model.model
        self._head = inner.get_output_embeddings()
        if self._head is None:
            raise HubError(HIDDEN)
        watch = _Watch(inner, self._head)
        with watch:
            result = inner(input_ids=ids, use_cache=False, output_hidden_states=True)
        self._norm, last = watch.found()
        self.states: list[torch.Tensor] = [*(s[0] for s in result.hidden_states[:-1]), last[0]]
        """(positions, width) each, before any last norm."""
        logits, read = result.logits[0], self.unembed(self.states[-1])
        if read.shape != logits.shape or (read - logits).abs().max() > FAR * logits.abs().max():
            raise HubError(HIDDEN)

    def unembed(self, state: torch.Tensor) -> torch.Tensor:
        """A state, (..., width), as logits: the last norm once, then the head (truth: R17)."""
        logits: torch.Tensor = self._head(self._norm(state))
        return logits


class _Watch(contextlib.ExitStack):
    """For one pass: what every norm outside the blocks made, and what the head was given."""

    def __init__(self, model: Any, head: nn.Module) -> None:
        super().__init__()
        self._made: list[tuple[nn.Module, torch.Tensor, torch.Tensor]] = []
        self._read: torch.Tensor | None = None
        self.callback(head.register_forward_pre_hook(self._keep_read).remove)
        for name, module in model.named_modules():
            if "norm" in type(module).__name__.lower() and not IN_A_BLOCK.search(name):
                self.callback(module.register_forward_hook(self._keep_made).remove)

    def _keep_read(self, module: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        self._read = given[0]

    def _keep_made(self, module: nn.Module, given: tuple[Any, ...], gave: torch.Tensor) -> None:
        self._made.append((module, given[0], gave))

    def found(self) -> tuple[nn.Module, torch.Tensor]:
        """The last norm, and the state that it was given. Raises HubError where there is none."""
        read = self._read
        for module, given, gave in self._made:
            if read is not None and gave.shape == read.shape and torch.equal(gave, read):
                return module, given
        raise HubError(HIDDEN)
