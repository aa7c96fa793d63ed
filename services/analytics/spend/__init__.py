"""Spend: what was billed, against limits and against campaign's ledger."""
