"""The edge: what reaches the page over HTTP, and how the process starts and stops."""
