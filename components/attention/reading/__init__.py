"""Where tokens look: what is asked of which model, and what is drawn of it."""
