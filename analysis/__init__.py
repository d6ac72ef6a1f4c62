"""What we say about a model: pure functions on numpy arrays."""
