"""Firebase Cloud Messaging, HTTP v1: one request per device, with an access token of a service account."""
