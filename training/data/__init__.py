"""The corpora, and text of our own."""
