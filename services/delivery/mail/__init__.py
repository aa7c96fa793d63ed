"""E-mail as bytes: composing, signing, and reading the reports that come back."""
