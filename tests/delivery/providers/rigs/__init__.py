"""Adapters with their counterparts, one module per provider: `opened` starts a counterpart and an adapter of it."""
