"""A vocabulary as a table and as a figure."""
