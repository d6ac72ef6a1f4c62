"""The Ladder lab: models from counts of letters to a small GPT, on the same characters."""

from components.ladder import models, table
from components.shared.view import Lab

LAB = Lab("ladder", "Ladder", (models.VIEW, table.VIEW), opened=models.VIEW.key, can="write")
