"""A hidden token: what two models put in its place."""
