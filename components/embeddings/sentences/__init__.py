"""Views of the Embeddings lab on whole sentences, and on words inside them."""
