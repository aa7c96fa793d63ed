"""Segments: saved audiences, by a rule that becomes SQL."""
