"""One prediction explained: the rows over its tokens, and how far back models look."""
