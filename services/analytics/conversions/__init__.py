"""Conversions: what contacts did, and which message gets the credit."""
