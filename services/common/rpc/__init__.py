"""Servers, clients and the context of a call."""
