"""What the views of learned letters and of the loss draw."""
