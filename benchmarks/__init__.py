"""Side-by-side measurements against what a user would pick instead: `python -m benchmarks.<name>`.

Both sides run in one process, in turns, so that a busy machine slows both alike.
"""
