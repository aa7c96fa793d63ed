"""Metrics: figures of a tenant over ranges of time."""
