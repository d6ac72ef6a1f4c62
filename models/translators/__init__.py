"""Translators: an encoder reads the source, and a decoder writes the target while it looks back."""
