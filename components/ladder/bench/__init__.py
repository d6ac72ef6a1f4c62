"""What stands on the bench: its dials, and the ready experiments."""
