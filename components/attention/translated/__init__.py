"""Parts of the Translation view."""
