"""The sentence and the examples that the views of this lab share."""

from __future__ import annotations

import gradio as gr

OPENING = "Once upon a time there was a little girl who lived in a little"
EXAMPLES = {
    "A little": (OPENING,),
    "It": ("The cat sat by the fire because the cat was cold, and it slept.",),
    "Repetition": ("The king gave the queen a ring, and the queen gave the king a",),
    "A key": ("She hid the key under the stone. Years later she came back for the key",),
    "Quotes": ('"Come in," said the witch. "Thank you," said the boy.',),
}


def sentence_box() -> gr.Textbox:
    """The sentence that the model reads."""
    return gr.Textbox(OPENING, label="Sentence", lines=3, max_lines=6)
