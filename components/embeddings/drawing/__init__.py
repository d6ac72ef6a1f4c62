"""Pictures of the Embeddings lab that only it needs."""
