"""Simulated devices, and what the push services that are emulated have in common."""
