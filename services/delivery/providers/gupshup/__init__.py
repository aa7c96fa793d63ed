"""WhatsApp by Gupshup: one form per recipient, told by webhooks that nobody signs."""
