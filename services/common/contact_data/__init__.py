"""A service's part in export and erasure: what it knows of one person, and how it forgets it (CON-54, CON-90, CON-91)."""
