"""Ways to tell attention where tokens stand, as maps and as curves over distance."""
