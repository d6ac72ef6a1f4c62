"""The parts that every view is made of: pure functions from values to escaped HTML."""
