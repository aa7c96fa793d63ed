"""WhatsApp by WATI: an approved template to many recipients in a request, told by webhooks that nobody signs."""
