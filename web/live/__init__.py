"""What goes past Gradio: topics that many follow, and rooms of the game."""
