"""One token's way through one layer, and from the last layer to the next token, as it is computed.

Every step is made by the modules of the model itself, from the states that one traced pass records.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from inference.decoding.batch import to_numpy
from inference.decoding.inside.cell import check_place, projections
from inference.errors import NumericalFault
from inference.tasks.attention.journey import RAISED, TokenWay, strongest
from models.contract import Trace
from models.transformer.model import Block, Transformer, rotate, unmasked_scores


@torch.inference_mode()
def way(
    model: Transformer, ids: Sequence[int], layer: int, head: int, token: int, device: str = "cpu"
) -> TokenWay:
    """layer, head, token: counted from 0. The way is through all heads; `head` is only looked at.

    Raises OutOfRange where the model has no such layer or head, NumericalFault.
    """
    check_place(model.config, (layer, head))
    trace = Trace()
    logits = model(torch.tensor([list(ids)], device=device), trace=trace)[0, token].double().cpu()
    if not torch.isfinite(logits).all():
        raise NumericalFault(1)
    block, states = model.blocks[layer], torch.cat(trace.hidden)  # (states, tokens, width)
    assert isinstance(block, Block)
    query, key, value = projections(model, trace.hidden[layer], layer)[:, 0]
    turned_query, turned_key = rotate(torch.stack([query, key]), *model.rotary[:, : len(ids)])
    mixed = trace.heads[layer][0, :, token]  # (heads, head_width)
    attended = block.attention.output(mixed.flatten())
    between = states[layer, token] + attended
    normed_again = block.feed_forward_norm(between)
    neurons = block.feed_forward.neurons(normed_again)
    thought = block.feed_forward.down(neurons)
    raises, raised = _raised(model, block, neurons, states[-1, token])
    return TokenWay(
        embedded=to_numpy(states[0]),
        stream=to_numpy(states[layer]),
        normed=to_numpy(block.attention_norm(states[layer, token])),
        queries=to_numpy(torch.stack([query[:, token], turned_query[:, token]])),
        keys=to_numpy(torch.stack([key, turned_key])),
        values=to_numpy(value),
        scores=to_numpy(unmasked_scores(turned_query, turned_key)),
        weights=to_numpy(trace.attention[layer][0]),
        mixed=to_numpy(mixed),
        attended=to_numpy(attended),
        between=to_numpy(between),
        normed_again=to_numpy(normed_again),
        neurons=to_numpy(neurons),
        lengths=to_numpy(neurons.abs() * block.feed_forward.down.weight.norm(dim=0)),
        raised=raised.cpu().numpy(),
        raises=to_numpy(raises),
        thought=to_numpy(thought),
        after=to_numpy(states[layer + 1, token]),
        growth=to_numpy(states.norm(dim=-1)),
        last=to_numpy(states[-1, token]),
        read=to_numpy(model.norm(states[-1, token])),
        logits=logits.numpy(),
        heads=model.config.heads,
        layers=model.config.layers,
    )


def _raised(
    model: Transformer, block: Block, neurons: torch.Tensor, last: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits that the strongest neurons add directly, less their mean, and whose: the greatest.

    neurons: (feed_forward,). last: (width,), whose root mean square is what the last norm divides
    by. Returns (neurons, RAISED) twice. Elhage et al. 2021, "A mathematical framework for
    transformer circuits": direct logit attribution.
    """
    named = torch.from_numpy(strongest(to_numpy(neurons))).to(neurons.device)
    added = neurons[named, None] * block.feed_forward.down.weight[:, named].T
    scale = model.norm.weight * torch.rsqrt(last.pow(2).mean() + model.config.norm_epsilon)
    logits = (added * scale) @ model.embedding.weight.T
    return (logits - logits.mean(dim=-1, keepdim=True)).topk(RAISED)
