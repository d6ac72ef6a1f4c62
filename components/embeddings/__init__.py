"""The Embeddings lab: words as directions."""

from components.embeddings import analogies, neighbours
from components.shared.view import Lab

VIEWS = (neighbours.VIEW, analogies.VIEW)
LAB = Lab("embeddings", "Embeddings", VIEWS, opened=analogies.VIEW.key, can="embed")
