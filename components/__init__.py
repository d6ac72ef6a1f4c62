"""How it is shown: gradio; one tab a file; figures and html are pure functions."""

from components import attention, embeddings, generation, stepping, tokens

TABS = (tokens, embeddings, attention, generation, stepping)
