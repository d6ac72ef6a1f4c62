"""Does a model keep the contract? Tried once, when it is loaded, on a few tokens.

The architectures of `transformers` differ in how they count positions and what they remember.
Instead of a list of those that fit, each model is stepped once in rows of unequal length and
compared with itself reading each text at once.
"""

from __future__ import annotations

import torch

from models.contract import Trace
from models.hub.cache import HubCache
from models.hub.causal import CausalModel
from models.hub.encoder_decoder import EncoderDecoderModel
from models.hub.masked import MaskedModel
from models.hub.policy import HubError

FAR = 1e-3  # of the largest logit: float32 leaves 1e-5, a wrong position 1e-1
SHORT, LONG = 2, 5


def check(name: str, model: CausalModel | EncoderDecoderModel | MaskedModel) -> None:
    """Raise HubError where the model cannot be shown truthfully, with the reason."""
    ids = torch.arange(1, LONG + 2, device=model.model.device) % model.vocabulary
    try:
        with torch.inference_mode():
            if isinstance(model, MaskedModel):
                _finite(model.forward(ids[None], Trace()))
            else:
                _stepping(model, ids)
    except HubError as error:
        raise HubError(f"{name} cannot be used here. {error}") from error
    except Exception as error:  # third-party code, on a model that nobody here has seen
        raise HubError(
            f"{name} cannot be used here: its architecture does not step token by token as "
            f"others do ({type(error).__name__}). Choose a GPT-2 or Llama-like model."
        ) from error


def _stepping(model: CausalModel | EncoderDecoderModel, ids: torch.Tensor) -> None:
    """Two rows of unequal length, one step together: equal to each row alone, at once."""

    def read(text: torch.Tensor) -> tuple[HubCache, torch.Tensor]:
        if isinstance(model, EncoderDecoderModel):
            cache = model.new_cache(1, source=ids[None])
        else:
            cache = model.new_cache(1)
        return cache, model.forward(text[None], cache)[0, -1]

    short, long, last = ids[:SHORT], ids[:LONG], ids[LONG:]
    cache, _ = read(short)
    cache.join(read(long)[0])
    trace = Trace()
    together = _finite(model.forward(last.expand(2, 1), cache, trace))[:, -1]
    alone = torch.stack([read(torch.cat([text, last]))[1] for text in (short, long)])
    if (together - alone).abs().max() > FAR * alone.abs().max():
        raise HubError("Its positions cannot be stepped in rows of different length.")
    if trace.heads and [w.shape[1] for w in trace.attention] != [h.shape[1] for h in trace.heads]:
        raise HubError("It does not show the attention of every head.")


def _finite(logits: torch.Tensor) -> torch.Tensor:
    if not logits.isfinite().all():
        raise HubError("It gives numbers that are none (NaN or infinite); its weights are damaged.")
    return logits
