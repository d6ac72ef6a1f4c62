"""Questions to the inside of a transformer."""
