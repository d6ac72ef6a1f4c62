"""What Step by step shows: a text, what can come next, and the ways that were tried."""
