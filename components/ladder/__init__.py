"""The Ladder lab: models from counts of letters to a small GPT, on the same characters."""

from components.ladder import dimensions, forcing, letters, loss, models, reach, state, table, train
from components.shared.view import Lab

VIEWS = (
    *(models.VIEW, table.VIEW, dimensions.VIEW, letters.VIEW),
    *(state.VIEW, reach.VIEW, forcing.VIEW, loss.VIEW, train.VIEW),
)
LAB = Lab("ladder", "Ladder", VIEWS, opened=models.VIEW.key, can="write")
