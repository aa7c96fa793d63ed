"""Segments as operators write and see them."""
