"""The tokenizers as the page names them, and the inputs that the views on them share."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import gradio as gr

from analysis.tokens import Group, groups
from components.shared.dials import is_trained, takes_trained
from inference.catalog import Catalog
from inference.entry import Entry
from inference.errors import OrreryError
from inference.types.tokenized import Tokenized

EXAMPLES = {
    "A story": (
        "Once upon a time there lived a little tailor, unbelievably clever, named Rumpelstiltskin.",
    ),
    "Digits": ("1234 and 12345, 3.14159, and 1,000,000",),
    "Emoji": (
        "A family: 👩\u200d👩\u200d👧, a flag: 🇫🇷, one letter spelled twice: \u00e9 e\u0301",
    ),
    "Scripts": ("Hello, bonjour, привет, שלום, नमस्ते, 你好",),
    "French": ("Le petit tailleur vivait dans une vieille maison, tout près de la forêt.",),
    "Code": ("def add(a, b):\n    return a + b",),
    "Special?": ("The first story ends.<|endoftext|>The second begins.",),
}
SPECIAL = "special"
MOST_OWN = 3


def text_box() -> gr.Textbox:
    """The text to cut."""
    return gr.Textbox(EXAMPLES["A story"][0], label="Text", lines=4, max_lines=8)


def special_choice() -> gr.Radio:
    """Whether the name of a special token is read as that token."""
    choices = [("as text", "text"), ("as the special token", SPECIAL)]
    return gr.Radio(choices, value="text", label="Reads <|endoftext|>")


def tokenizers(catalog: Catalog) -> list[Entry]:
    """The tokenizers, then those from elsewhere; a storyteller reads one of the first."""
    kinds = ("tokenizer", "elsewhere", "own tokenizer")
    return [one for one in catalog.entries("cut") if one.kind in kinds]


def tokenizer_choice(choices: list[tuple[str, str]]) -> gr.Dropdown:
    """One of these, by title and name, or one that was trained here."""
    part = gr.Dropdown(choices, value="byte-bpe", label="Tokenizer", filterable=False)
    return takes_trained(part, "cut")


def own_tokenizers(catalog: Catalog, names: object) -> list[Entry]:
    """Those that were trained here, by their names with spaces between. Raises OrreryError."""
    given = names.split() if isinstance(names, str) else []
    if len(given) > MOST_OWN or not all(map(is_trained, given)):
        raise OrreryError(f"Up to {MOST_OWN} tokenizers that were trained here can be compared.")
    return [catalog.entry(one, "cut") for one in given]


def tokens_data(found: Tokenized) -> list[dict[str, Any]]:
    """What is known of every token; in `text` U+FFFD stands for a part of a character."""
    return [
        {
            "id": token,
            "text": piece.decode("utf-8", errors="replace"),
            "bytes": piece.hex(),
            **asdict(detail),
        }
        for token, piece, detail in zip(found.ids, found.pieces, found.details, strict=True)
    ]


def grouped(found: Tokenized) -> list[Group]:
    """The tokens in groups of whole characters, with what is lost between them."""
    return groups(found.ids, found.pieces, found.gaps)
