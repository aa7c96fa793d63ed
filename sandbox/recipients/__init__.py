"""Simulated people and the machines that read their mail before them."""
