"""Ingestion by call: events of neighbours, conversions, recounts."""
