"""What the `generation_config.json` of a model rules out, whatever decoding strategy is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from models.hub.policy import HubError

UNLIKELY = -1e9  # the logit of a token that must not be written; finite, so that it stays a number


class WritingRules:
    """Logits processing that belongs to the model: suppressed tokens and a forced first token.

    Settings of a search, such as beams, penalties and lengths, are left to the decoding options.
    """

    def __init__(self, settings: Any, vocabulary: int) -> None:
        """settings: a GenerationConfig. Raises HubError where it names what is no token."""
        ends = settings.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        alone = [word[0] for word in settings.bad_words_ids or () if len(word) == 1]
        self._never = [token for token in alone if token not in ends]
        self._never += settings.suppress_tokens or []
        self._first: int | None = settings.forced_bos_token_id
        named = self._never if self._first is None else [*self._never, self._first]
        if not all(type(token) is int and 0 <= token < vocabulary for token in named):
            raise HubError("Its settings forbid or force what is no token of it.")

    def apply(self, logits: torch.Tensor, starts: Sequence[int]) -> torch.Tensor:
        """Rule out tokens in place.

        logits: (rows, count, vocabulary). starts: the length of every row before these positions.
        """
        if self._never:
            logits[..., self._never] = UNLIKELY
        if self._first is not None:
            empty = [row for row, start in enumerate(starts) if start == 0]
            forced = logits[empty, 0, self._first]
            logits[empty, 0] = UNLIKELY
            logits[empty, 0, self._first] = forced
        return logits


def start_of(model: Any, vocabulary: int) -> int:
    """The token that a target text starts with, as `generate` finds it.

    Raises HubError where the settings name none.
    """
    for name in ("decoder_start_token_id", "bos_token_id"):
        for settings in (model.generation_config, model.config):
            token = getattr(settings, name, None)
            if type(token) is int and 0 <= token < vocabulary:
                return token
    raise HubError(
        "Its settings name no token that starts a text; set decoder_start_token_id there."
    )
