"""Campaigns: one planned send to one audience, from draft to sent."""
