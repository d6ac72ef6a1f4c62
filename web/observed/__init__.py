"""What an operator sees from outside: metrics and logs, none of it about a person."""
