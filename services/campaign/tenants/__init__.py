"""Tenants and their marketing settings."""
