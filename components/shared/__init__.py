"""What the views of all labs share: events, links, figures and widgets."""
