"""Lists of words: our own, and what somebody has typed."""
