"""Webhooks of a tenant, as the command calls and shows them."""
