"""Inside the rungs: states, how far back they look, and what they do on their own words."""
