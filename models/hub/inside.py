"""What happens inside a forward pass of a `transformers` model: seen, and for one pass changed."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
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


class Heads:
    """Where the heads of every layer are mixed; a layer is an application of attention.

    Several layers may share the weights, and so the module, of one (ALBERT).
    """

    def __init__(self, model: Any) -> None:
        """model: causal or masked, or the decoder of one with two stacks."""
        config = model.config.get_text_config()
        names = ["num_attention_heads", "decoder_attention_heads"]
        if config.is_encoder_decoder:
            names.reverse()
        self.count: int = next((getattr(config, n) for n in names if hasattr(config, n)), 0)
        found = (module for name, module in model.named_modules() if PROJECTION.search(name))
        self.projections = tuple(found) if self.count else ()
        """None where an architecture hides them."""
        self.layers = len(self.projections)
        """Applications in one pass; counted when the model is first tried."""

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
        trace.interventions.check(rows, self.layers, self.count)
        if trace.interventions.edits or trace.interventions.rules:
            raise ValueError(
                "The scores of a model from elsewhere cannot be edited: they are formed and used "
                "inside it. Its heads can be removed."
            )
        hook = self._hook(trace, starts)
        with contextlib.ExitStack() as hooks:
            for module in self.projections:
                hooks.callback(module.register_forward_pre_hook(hook).remove)
            yield

    def _hook(
        self, trace: Trace, starts: Sequence[int]
    ) -> Callable[[nn.Module, tuple[torch.Tensor, ...]], tuple[torch.Tensor, ...]]:
        applied = itertools.count()

        def change(module: nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
            rows, count, width = given[0].shape
            mixed = given[0].view(rows, count, self.count, width // self.count).transpose(1, 2)
            mixed = trace.interventions.ablate(next(applied), mixed, starts)
            # (rows, heads, count, head_width)
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
