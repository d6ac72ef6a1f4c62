"""Heads by what they do: the roles in words, and every head's scores."""
