"""Apple Push Notification service: HTTP/2, one request per device, signed with a provider token."""
