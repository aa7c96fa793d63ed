"""Rollups: counters kept with the facts, and always recountable from them."""
