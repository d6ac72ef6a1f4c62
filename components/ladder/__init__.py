"""The Ladder lab: models from counts of letters to a small GPT, on the same characters."""

from components.ladder import models
from components.shared.view import Lab

LAB = Lab("ladder", "Ladder", (models.VIEW,), opened=models.VIEW.key, can="write")
