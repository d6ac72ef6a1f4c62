"""The Generation lab: how the next token is chosen."""

from components.generation import lanes, wheel
from components.shared.view import Lab

LAB = Lab("generation", "Generation", (lanes.VIEW, wheel.VIEW), opened=lanes.VIEW.key, can="write")
