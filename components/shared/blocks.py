"""Gradio's Blocks, without work that nobody needs: at the start, and for most outputs."""

from __future__ import annotations

from copy import copy
from inspect import signature, unwrap
from typing import Any

import gradio as gr
from gradio.blocks import Block

from components.shared.events import CLASSROOM

SKIPPED = gr.skip()
QUEUE: dict[str, Any] = {
    "status_update_rate": 5,  # "auto" sends a message to everyone at every change: O(n^2)
    "max_size": 512,
    "api_open": False,
    "default_concurrency_limit": CLASSROOM,
}


class Blocks(gr.Blocks):
    """Gradio's, but that all pages are made in one `with`, that the configuration is worked out
    once they are there, and that outputs which are skipped or are HTML go straight to the page.

    After every `with` Gradio works the configuration out anew, for all pages, and makes all routes
    anew. For every `gr.skip()` it makes the component anew, works out its schema, and keeps it for
    the session, which then has a state of its own and is not freed; every string of HTML is handed
    to another thread and searched for files. With a class at work that was three quarters of the
    event loop's time.
    """

    complete = False
    """Whether all pages are there; before, nobody reads the configuration."""

    def queue(self, **asked: Any) -> Any:
        """As a class needs it, and only where the constructor calls it: a call makes all routes."""
        return super().queue(**(QUEUE | asked))

    def turn_to(self, title: str, path: str) -> None:
        """Let what follows stand on a page of its own, as `route` does, but within the `with`.

        What comes first there must be no field, which Gradio would group with fields before it.
        """
        self.pages.append((path, title, False))
        self.current_page = path

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


def read_signatures() -> None:
    """Read how each component is made once, not with each that is made and each time it is sent.

    Python asks a function for its `__signature__` before it reads it.
    """
    kinds: list[Any] = [Block]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if "__init__" in vars(kind):
            made = unwrap(kind.__init__)
            made.__signature__ = signature(made)
