"""Postmark: e-mail by batches of whole messages, events by unsigned webhooks."""
