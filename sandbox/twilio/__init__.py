"""Twilio Messaging as senders see it, and the people who answer texts."""
