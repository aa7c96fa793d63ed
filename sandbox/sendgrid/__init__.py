"""SendGrid's v3 API and Event Webhook."""
