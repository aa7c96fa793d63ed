"""Triggers: messages that follow visits, dates and expiries by themselves (LIF-45 to LIF-63)."""
