"""Messages with links that consent makes: to confirm a consent, and fresh ones for those that expired."""
