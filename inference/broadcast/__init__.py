"""One state that many browsers follow, at the cost of saying it once."""
