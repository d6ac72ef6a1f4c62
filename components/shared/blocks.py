"""Gradio's Blocks, without work that nobody needs: at the start, and for most outputs."""

from __future__ import annotations

from copy import copy
from typing import Any

import gradio as gr

SKIPPED = gr.skip()


class Blocks(gr.Blocks):
    """Gradio's, but that the configuration is worked out once all pages are there, and that outputs
    which are skipped or are HTML go straight to the page.

    Gradio works it out anew, for all pages, after every page: with six a third of the start. For
    every `gr.skip()` Gradio makes the component anew, works out its schema, and keeps it for
    the session, which then has a state of its own and is not freed; every string of HTML is handed
    to another thread and searched for files. With a class at work that was three quarters of the
    event loop's time.
    """

    complete = False
    """Whether all pages are there; before, nobody reads the configuration."""

    def get_config_file(self) -> Any:
        return super().get_config_file() if self.complete else {}

    async def postprocess_data(
        self, block_fn: Any, predictions: list[Any] | dict[Any, Any], state: Any
    ) -> list[Any]:
        outputs = block_fn.outputs
        values = [predictions] if len(outputs) == 1 else predictions
        if not isinstance(values, list) or len(values) != len(outputs):
            return await super().postprocess_data(block_fn, predictions, state)
        found = list(values)
        others = [i for i, one in enumerate(values) if not _is_ready(outputs[i], one)]
        if others:
            rest = copy(block_fn)
            rest.outputs = [outputs[i] for i in others]
            asked: Any = [values[i] for i in others]
            made = await super().postprocess_data(rest, asked if others[1:] else asked[0], state)
            for i, one in zip(others, made, strict=True):
                found[i] = one
        return found


def _is_ready(output: Any, value: object) -> bool:
    """Whether the page can have a value as it is."""
    if isinstance(value, str):
        return type(output) is gr.HTML
    return isinstance(value, dict) and value == SKIPPED
