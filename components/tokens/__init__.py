"""The Tokens lab: what a model reads instead of letters."""

from components.shared.view import Lab
from components.tokens import duel, pieces

LAB = Lab("tokens", "Tokens", (pieces.VIEW, duel.VIEW), opened=pieces.VIEW.key, can="cut")
