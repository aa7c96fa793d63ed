"""Branches of tenants and their settings."""
