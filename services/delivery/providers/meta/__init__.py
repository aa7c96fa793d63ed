"""WhatsApp Cloud API of Meta: one request per recipient, told by webhooks that are signed with the app's secret."""
