"""Receipts of providers: one module per provider that knows how its signature is checked."""
