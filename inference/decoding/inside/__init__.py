"""What happens inside a pass over a text, as numbers for the page."""
