"""Tallies: what the lines of a run add up to, kept with every change of them."""
