"""The Embeddings lab: words as directions."""

from components.embeddings import (
    analogies,
    arithmetic,
    axes,
    benchmark,
    classifier,
    context,
    counting,
    matrix,
    neighbours,
    pieces,
    ratios,
    windows,
    words,
)
from components.embeddings import map as whole_map
from components.shared.view import Lab

VIEWS = (
    *(neighbours.VIEW, whole_map.VIEW, words.VIEW, analogies.VIEW, benchmark.VIEW, arithmetic.VIEW),
    *(axes.VIEW, matrix.VIEW, context.VIEW, counting.VIEW, ratios.VIEW),
    *(windows.VIEW, classifier.VIEW, pieces.VIEW),
)
LAB = Lab("embeddings", "Embeddings", VIEWS, opened=analogies.VIEW.key, can="embed")
