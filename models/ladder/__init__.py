"""The models below the transformer: n-grams, window network, recurrent networks."""
