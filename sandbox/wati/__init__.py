"""WATI's WhatsApp API as senders see it."""
