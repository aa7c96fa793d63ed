"""Contacts and staff: the people segments run over."""
