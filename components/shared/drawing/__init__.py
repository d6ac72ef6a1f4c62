"""Parts of a picture, each drawn by one routine: bars, figures, lanes, labels."""
