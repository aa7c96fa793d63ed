"""SendGrid v3: e-mail by batches over HTTP, events by a signed webhook."""
