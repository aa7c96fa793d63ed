"""Texts that people send to the numbers of a tenant."""
