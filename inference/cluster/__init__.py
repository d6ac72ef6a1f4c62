"""Running the models on other machines: the same backend, at the other end of a connection."""
