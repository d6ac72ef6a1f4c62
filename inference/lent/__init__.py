"""A GPU that is lent for the length of one run, as on ZeroGPU."""
