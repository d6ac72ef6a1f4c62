"""Shannon's game: what a person, a room and the models make of the next letter."""
