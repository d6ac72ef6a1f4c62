"""Between a person and the ids of a model: what was typed, its tokens, and remarks on it."""
