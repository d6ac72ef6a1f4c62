"""The training loop, the state of a run, and streams of batches."""
