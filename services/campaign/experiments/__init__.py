"""A/B tests that decide what the rest of an audience gets."""
