"""Does a model keep the contract? Tried once, when it is loaded, on a few tokens.

The architectures of `transformers` differ in how they count positions and what they remember.
Instead of a list of those that fit, each model is compared with its own plain call, then stepped
once in rows of unequal length and compared with itself reading each text at once.
"""

from __future__ import annotations

import torch

from models.contract import Trace
from models.hub.cache import HubCache
from models.hub.causal import CausalModel
from models.hub.encoder_decoder import EncoderDecoderModel
from models.hub.masked import MaskedModel
from models.hub.policy import HubError
from models.hub.writing import UNLIKELY

FAR = 1e-3  # of the largest logit: float32 leaves 1e-5, a wrong position 1e-1
SHORT, LONG = 2, 5


def check(name: str, model: CausalModel | EncoderDecoderModel | MaskedModel) -> Trace:
    """What a pass of the model shows, its layers counted.

    Raises HubError where the model cannot be shown truthfully, with the reason.
    """
    padding = model.model.config.get_text_config().pad_token_id  # has no position in some models
    ids = [i % model.vocabulary for i in range(1, LONG + 3) if i != padding][: LONG + 1]
    text = torch.tensor(ids, device=model.model.device)
    trace = Trace()
    try:
        with torch.inference_mode():
            if isinstance(model, MaskedModel):
                _finite(model.forward(text[None], trace))
            else:
                reading = _Reading(model, text)
                reading.check_plain()
                reading.check_steps(trace)
    except HubError as error:
        raise HubError(f"{name} cannot be used here. {error}") from error
    except Exception as error:  # third-party code, on a model that nobody here has seen
        raise HubError(
            f"{name} cannot be used here: its architecture does not step token by token as "
            f"others do ({type(error).__name__}). Choose a GPT-2 or Llama-like model."
        ) from error
    model.heads.layers = len(trace.heads)
    if trace.heads and [w.shape[1] for w in trace.attention] != [h.shape[1] for h in trace.heads]:
        raise HubError(f"{name} cannot be used here. It does not show the attention of every head.")
    return trace


class _Reading:
    """A model that reads parts of one text, the whole of which is its source if it has one."""

    def __init__(self, model: CausalModel | EncoderDecoderModel, text: torch.Tensor) -> None:
        self.model, self.text = model, text
        self.source = {"source": text[None]} if isinstance(model, EncoderDecoderModel) else {}

    def read(self, text: torch.Tensor) -> tuple[HubCache, torch.Tensor]:
        """A cache that holds `text`, and its logits: (positions, vocabulary)."""
        cache = self.model.new_cache(1, **self.source)
        return cache, _finite(self.model.forward(text[None], cache)[0])

    def check_plain(self) -> None:
        """The logits are those of the model's own call, and no position sees a later one."""
        _, ours = self.read(self.text)
        names = ("input_ids", "decoder_input_ids") if self.source else ("input_ids",)
        plain = self.model.model(**dict.fromkeys(names, self.text[None])).logits[0].float()
        if _differ(ours, plain):
            raise HubError("Here it does not give the logits of its own plain call.")
        if _differ(self.read(self.text[:SHORT])[1], ours[:SHORT]):
            raise HubError(
                "It sees the tokens that follow, so it cannot predict a next one; is_decoder or "
                "is_causal may be off in its config.json."
            )

    def check_steps(self, trace: Trace) -> None:
        """Two rows of unequal length, one step together: equal to each row alone, at once."""
        short, long, last = self.text[:SHORT], self.text[:LONG], self.text[LONG:]
        cache, _ = self.read(short)
        cache.join(self.read(long)[0])
        together = _finite(self.model.forward(last.expand(2, 1), cache, trace))[:, -1]
        alone = [self.read(torch.cat([part, last]))[1][-1] for part in (short, long)]
        if _differ(together, torch.stack(alone)):
            raise HubError("Its positions cannot be stepped in rows of different length.")


def _differ(ours: torch.Tensor, expected: torch.Tensor) -> bool:
    """Compared where a token may be written at all."""
    gap = (ours - expected).abs()[ours > UNLIKELY / 2]
    return bool(gap.max() > FAR * expected.abs().max())


def _finite(logits: torch.Tensor) -> torch.Tensor:
    if not logits.isfinite().all():
        raise HubError("It gives numbers that are none (NaN or infinite); its weights are damaged.")
    return logits
