"""Scores: the health of a tenant's sending, the engagement of a contact."""
