"""A push service of browsers, and the browsers: what is sent is really decrypted."""
