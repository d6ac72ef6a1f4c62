"""Models from elsewhere: a local folder or a Hub id, run by `transformers` behind our contracts.

This package alone imports `transformers`, and is itself imported only where such a model is asked
for.
"""
