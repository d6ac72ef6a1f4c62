"""The Tokens lab: what a model reads instead of letters."""

from components.shared.view import Lab
from components.tokens import cost, duel, merges, pieces, train, vocabulary

VIEWS = (pieces.VIEW, duel.VIEW, merges.VIEW, train.VIEW, cost.VIEW, vocabulary.VIEW)
LAB = Lab("tokens", "Tokens", VIEWS, opened=pieces.VIEW.key, can="cut")
