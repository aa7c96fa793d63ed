"""Apple Push Notification service as senders see it: HTTP/2 only, on a port of its own."""
