"""Notification rules: which events tell whom what, as data of the platform that tenants may change (LIF-4)."""
