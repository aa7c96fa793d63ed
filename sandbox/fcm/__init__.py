"""Firebase Cloud Messaging as senders see it: access tokens, and messages to simulated devices."""
