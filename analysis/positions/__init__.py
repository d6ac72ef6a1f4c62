"""What transformers know of where a token stands, and what attention costs by length."""
