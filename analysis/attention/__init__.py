"""Attention: its maps, what it explains, and what its heads do."""
