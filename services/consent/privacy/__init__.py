"""Requests of people about their own data: export and erasure, over all services."""
