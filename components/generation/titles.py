"""What the views of this lab call filters and models."""

from __future__ import annotations

TITLES = {
    "": "The model",
    "repetition_penalty": "Repetition",
    "presence_penalty": "Presence",
    "frequency_penalty": "Frequency",
    "no_repeat_ngram": "No-repeat",
    "temperature": "Temperature",
    "top_k": "Top-k",
    "top_p": "Top-p",
    "min_p": "Min-p",
    "typical_p": "Typical",
}


def short(title: str) -> str:
    """The title of a model without what its tokens are."""
    return title.partition(", over ")[0]
