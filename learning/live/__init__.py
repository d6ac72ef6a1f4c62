"""Training while people watch: small models on small texts, in seconds, with news all the way."""
