"""The Embeddings lab: words as directions."""

from components.embeddings import analogies, neighbours
from components.shared.view import Lab

LAB = Lab("embeddings", "Embeddings", (neighbours.VIEW, analogies.VIEW), opened=analogies.VIEW.key)
