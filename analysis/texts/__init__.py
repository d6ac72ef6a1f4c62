"""What is said of whole texts: the best ones of a model, and many draws."""
