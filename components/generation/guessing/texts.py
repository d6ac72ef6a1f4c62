"""Texts to be guessed, written for this: how each begins, and what is to be guessed of it."""

from __future__ import annotations

TEXTS = {
    "The tailor": (
        "The little tailor sat at his window and ",
        "sewed a warm coat for the old king.",
    ),
    "Rain": (
        "It rained all night, and in the morning ",
        "the garden was full of snails.",
    ),
    "The key": (
        "She looked under the bed, but the key ",
        "was still in the lock of the door.",
    ),
    "The goose": (
        "When the farmer came home, the goose had ",
        "eaten all the bread on the table.",
    ),
    "The mountain": (
        "On the top of the mountain there lived ",
        "a giant who was afraid of mice.",
    ),
    "The letter": (
        "My dear sister, I have not slept since ",
        "you went away across the sea.",
    ),
}
PLAYED = "The tailor: lwsaewed a scpdnbwhairm coat. for hthe kpbmold mwking."
"""An example game on the first of them: every guess in its order."""
TOKENS_PLAYED = "The letter, tokens: 306 310 860 584 646 450 276 -1 260 1841 1250 14"
"""Another one by tokens: I, you; left, went; away; from, to, given up; the; river, sea; a dot."""
