"""What a change does to a model: of one cell, and of whole heads."""
