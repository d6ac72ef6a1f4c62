"""Many texts of one prompt as a picture."""
