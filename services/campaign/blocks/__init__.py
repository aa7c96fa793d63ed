"""Blocks: up to 1,000 recipients of a run on their way to delivery."""
