"""Budgets: what may be spent in a month, reserved before and settled after; by tenant and by branch."""
