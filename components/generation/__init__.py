"""The Generation lab: how the next token is chosen."""

from components.generation import beam, choice, game, lanes, text, thousand, tree, wheel
from components.shared.view import Lab

VIEWS = (
    *(lanes.VIEW, choice.VIEW, wheel.VIEW, tree.VIEW),
    *(beam.VIEW, thousand.VIEW, text.VIEW, game.VIEW),
)
LAB = Lab("generation", "Generation", VIEWS, opened=lanes.VIEW.key, can="write")
