"""A token's way through a model: as numbers for the API, and as the picture that opens."""
