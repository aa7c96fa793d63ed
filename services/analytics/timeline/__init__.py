"""The timeline of a contact: messages, consents, conversions, newest first."""
