"""The Tokens lab: what a model reads instead of letters."""

from components.shared.view import Lab
from components.tokens import duel, merges, pieces, train

VIEWS = (pieces.VIEW, duel.VIEW, merges.VIEW, train.VIEW)
LAB = Lab("tokens", "Tokens", VIEWS, opened=pieces.VIEW.key, can="cut")
