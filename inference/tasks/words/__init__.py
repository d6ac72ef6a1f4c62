"""What a model holds of words and sentences, for the Embeddings lab."""
