"""Word vectors that somebody else has trained, opened by path and read where they lie."""
