"""The Ladder lab: models from counts of letters to a small GPT, on the same characters."""

from components.ladder import loss, models, table
from components.shared.view import Lab

VIEWS = (models.VIEW, table.VIEW, loss.VIEW)
LAB = Lab("ladder", "Ladder", VIEWS, opened=models.VIEW.key, can="write")
