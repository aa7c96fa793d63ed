"""Follow-ups: what staff wants to be reminded of about contacts (LIF-14, LIF-84, LIF-85)."""
