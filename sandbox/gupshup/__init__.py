"""Gupshup's WhatsApp API as senders see it."""
