"""Runs: a campaign on its way, from audience to delivery."""
