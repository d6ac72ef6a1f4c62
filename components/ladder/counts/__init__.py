"""What the views of counted models draw: tables of pairs, n-grams by length, backing off."""
