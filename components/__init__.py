"""How it is shown: gradio; one folder a lab, one file a view; pictures are pure functions."""
