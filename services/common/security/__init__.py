"""Keys, tokens, credentials and permissions."""
