"""Pages without Gradio that many follow at once, on their phones."""
