"""Models in memory: which device, which are loaded, what makes room."""
