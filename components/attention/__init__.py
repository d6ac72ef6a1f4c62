"""The Attention lab: where every head mixes its values from, and what its removal changes."""

from components.attention import heads, removal
from components.shared.view import Lab

LAB = Lab("attention", "Attention", (heads.VIEW, removal.VIEW), opened=heads.VIEW.key, can="attend")
