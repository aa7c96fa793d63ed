"""Twilio Messaging: text messages and WhatsApp, one request per recipient, told by signed callbacks."""
