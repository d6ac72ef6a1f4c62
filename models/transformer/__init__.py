"""The causal transformer, its cache, its checkpoints and its fast form."""
