"""What can be made of the vectors of several words: sums, analogies, and directions."""
