"""Many texts of one prompt: all that a search follows, and many draws."""
