"""Meta's WhatsApp Cloud API as senders see it."""
