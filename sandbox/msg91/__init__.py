"""MSG91 as senders see it."""
