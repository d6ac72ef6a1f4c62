"""How the models are made: `python -m training.<name>`. Nothing else imports this folder."""
