"""Questions of the ladder lab."""
