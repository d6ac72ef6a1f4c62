"""What goes into the service and what comes out: frozen, free of torch, safe to send anywhere."""
