"""Budgets: what campaigns may spend in a month, reserved before and settled after."""
