"""What happens inside a forward pass of a `transformers` model: seen, and for one pass changed."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from models.contract import LayerValues, Trace
from models.hub.policy import HubError

PROJECTION = re.compile(
    r"(^|\.)(self_attn|attn|attention|self_attention|SelfAttention)\."
    r"(o_proj|out_proj|c_proj|output\.dense|dense|out_lin|Wo|o)$"
)
"""The module that mixes the heads of a layer, in the names that architectures give it."""
VALUES = ("v_proj", "c_attn", "query_key_value")
"""Beside it, the module that makes values: alone as in Llama, as the last third as in GPT-2, or as
the last third of every head as in GPT-NeoX. That it is so is not assumed, see `LayerValues`."""
HIDDEN = "Where this architecture keeps the values of its heads is not known."
NEAR = 1e-3  # of the largest number that the heads mix


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
        named = dict(model.named_modules())
        found = [name for name in named if self.count and PROJECTION.search(name)]
        self.projections = tuple(named[name] for name in found)
        """None where an architecture hides them."""
        around = (named[name.rpartition(".")[0]] for name in found)
        self._makers = [
            (name, getattr(one, name))
            for one in around
            for name in VALUES
            if isinstance(getattr(one, name, None), nn.Module)
        ]
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

    @contextlib.contextmanager
    def watch_values(self) -> Iterator[list[tuple[str, torch.Tensor]]]:
        """What makes the values of every layer gave, by its name, until the block ends."""
        kept: list[tuple[str, torch.Tensor]] = []

        def keep(name: str) -> Callable[..., None]:
            return lambda module, given, made: kept.append((name, made))

        with contextlib.ExitStack() as hooks:
            for name, module in self._makers:
                hooks.callback(module.register_forward_hook(keep(name)).remove)
            yield kept

    def values(self, kept: Sequence[tuple[str, torch.Tensor]], trace: Trace) -> list[LayerValues]:
        """Of the one row of a traced pass. Raises HubError where weights times these values are
        not what the heads have mixed: this architecture makes its values in another way."""
        found = []
        try:
            for (name, made), weights, mixed, output in zip(
                kept, trace.attention, trace.heads, self.projections, strict=True
            ):
                values = split(name, made[0].float(), *mixed.shape[1::2])
                off = (weights[0] @ values - mixed[0].float()).abs().max()
                if off > NEAR * mixed.abs().max():
                    raise HubError(HIDDEN)
                found.append(LayerValues(values, output))
        except (RuntimeError, ValueError) as error:  # of another shape, or number
            raise HubError(HIDDEN) from error
        return found

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


def split(name: str, made: torch.Tensor, heads: int, head_width: int) -> torch.Tensor:
    """(heads, tokens, head_width) from what the module of this name made of tokens, (tokens, any).

    Keys and values that several heads share are repeated. Raises RuntimeError of another shape.
    """
    if name == "c_attn":
        made = made[:, -heads * head_width :]
    elif name == "query_key_value":
        made = made.reshape(len(made), heads, 3, head_width)[:, :, 2].flatten(1)
    values = made.reshape(len(made), -1, head_width).transpose(0, 1)
    return values.repeat_interleave(heads // len(values), dim=0)


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
