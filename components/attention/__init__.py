"""The Attention lab: where every head mixes its values from, and what its removal changes."""

from components.attention import (
    cell,
    cost,
    explanation,
    growing,
    heads,
    journey,
    lens,
    masked,
    positions,
    removal,
    roles,
    translation,
)
from components.shared.view import Lab

VIEWS = (
    heads.VIEW,
    journey.VIEW,
    cell.VIEW,
    removal.VIEW,
    lens.VIEW,
    roles.VIEW,
    growing.VIEW,
    explanation.VIEW,
    translation.VIEW,
    masked.VIEW,
    positions.VIEW,
    cost.VIEW,
)
LAB = Lab("attention", "Attention", VIEWS, opened=heads.VIEW.key, can="attend", also=("translate",))
