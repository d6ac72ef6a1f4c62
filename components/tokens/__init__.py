"""The Tokens lab: what a model reads instead of letters."""

from components.shared.view import Lab
from components.tokens import cost, duel, merges, pieces, train

VIEWS = (pieces.VIEW, duel.VIEW, merges.VIEW, train.VIEW, cost.VIEW)
LAB = Lab("tokens", "Tokens", VIEWS, opened=pieces.VIEW.key, can="cut")
