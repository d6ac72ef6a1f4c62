"""Word vectors, learned and counted."""
