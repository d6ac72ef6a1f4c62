"""What a vocabulary holds, and what a model holds of its pieces."""
