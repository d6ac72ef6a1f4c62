"""What happens inside a forward pass of a `transformers` model: seen, and for one pass changed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from models.contract import Trace
from models.hub.policy import HubError

PROJECTION = re.compile(
    r"(^|\.)(self_attn|attn|attention|self_attention|SelfAttention)\."
    r"(o_proj|out_proj|c_proj|output\.dense|dense|out_lin|Wo|o)$"
)
"""The module that mixes the heads of a layer, in the names that architectures give it."""


@dataclass(frozen=True)
class Heads:
    """Where the heads of every layer meet; no projections where an architecture hides it."""

    count: int
    projections: Sequence[nn.Module] = ()

    @classmethod
    def of(cls, model: Any) -> Heads:
        """Those of a causal or masked model, or of the decoder of one with two stacks."""
        config = model.config.get_text_config()
        names = ("decoder_attention_heads", "num_attention_heads")
        if not config.is_encoder_decoder:
            names = names[::-1]
        count = next((getattr(config, n) for n in names if hasattr(config, n)), 0)
        found = (module for name, module in model.named_modules() if PROJECTION.search(name))
        return cls(count, tuple(found) if count else ())

    @contextlib.contextmanager
    def open(self, trace: Trace | None, rows: int, starts: Sequence[int]) -> Iterator[None]:
        """Record what the heads mix and make the trace's ablations, until the block ends.

        starts: where in its text each row's first query stands. Raises ValueError where the trace
        asks for what cannot be reached from outside: edited scores, hidden heads.
        """
        if trace is None:
            yield
            return
        if trace.interventions and not self.projections:
            raise ValueError("The heads of this architecture cannot be reached from outside.")
        trace.interventions.check(rows, len(self.projections), self.count)
        if trace.interventions.edits:
            raise ValueError(
                "The scores of a model from elsewhere cannot be edited: they are formed and used "
                "inside it. Its heads can be removed."
            )
        with contextlib.ExitStack() as hooks:
            for layer, module in enumerate(self.projections):
                handle = module.register_forward_pre_hook(self._hook(trace, layer, starts))
                hooks.callback(handle.remove)
            yield

    def _hook(
        self, trace: Trace, layer: int, starts: Sequence[int]
    ) -> Callable[[nn.Module, tuple[torch.Tensor, ...]], tuple[torch.Tensor, ...]]:
        def change(module: nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
            rows, count, width = given[0].shape
            mixed = given[0].view(rows, count, self.count, width // self.count).transpose(1, 2)
            mixed = trace.interventions.ablate(layer, mixed, starts)  # (rows, heads, count, width)
            trace.heads.append(mixed)
            return (mixed.transpose(1, 2).reshape(rows, count, width),)

        return change


def weights(
    recorded: Sequence[torch.Tensor | None] | None, rows: int, queries: int, keys: int
) -> list[torch.Tensor]:
    """The recorded attention, one (rows, heads, queries, keys) float32 tensor a layer.

    A fused kernel records nothing and says nothing (R14). Raises HubError then.
    """
    layers = [layer.float() for layer in recorded or () if layer is not None]
    shapes = {(layer.shape[0], *layer.shape[2:]) for layer in layers}
    if shapes != {(rows, queries, keys)}:
        raise HubError("This architecture does not show its attention.")
    return layers
