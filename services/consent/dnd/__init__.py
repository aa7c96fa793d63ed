"""Do-not-disturb: registries of numbers, and the assertion of staff."""
