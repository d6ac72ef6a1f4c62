"""The sentence and the examples that the views of this lab share."""

from __future__ import annotations

import gradio as gr

OPENING = (
    "The bird was sad. It could not fly. The bird asked the dog for help, and the dog helped the"
)
UMBRELLA = "Tom lost the red umbrella. Mia found the red umbrella."
"""Holds each role that a head may have: marks, a word in pieces, and what comes again."""
EXAMPLES = {
    "The bird": (OPENING,),
    "A little": ("Once upon a time there was a little girl who lived in a little",),
    "Repetition": ("Tom and Lily went to the park. Tom saw a big red ball. Lily saw a big red",),
    "Found": (
        "Anna was sad because she lost her doll. She looked for it under the bed. "
        "Then she found her",
    ),
    "Thanks": ('Mom gave Ben an apple. "Thank you, Mom," said',),
}


def sentence_box() -> gr.Textbox:
    """The sentence that the model reads."""
    return gr.Textbox(OPENING, label="Sentence", lines=3, max_lines=6)
