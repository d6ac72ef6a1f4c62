"""Text, token by token: one batch for everybody, and the ways of choosing."""
