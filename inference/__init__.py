"""How a model is run: device, loading, decoding, limits. No gradio, no plotly."""
