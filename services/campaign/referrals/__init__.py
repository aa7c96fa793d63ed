"""Referrals: who brought whom, and what both have of it (LIF-11 to LIF-13, LIF-79 to LIF-83)."""
