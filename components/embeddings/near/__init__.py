"""What stands beside the neighbours of a word: other models, other trainings, the counts."""
