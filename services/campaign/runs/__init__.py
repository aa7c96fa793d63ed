"""Runs: the send of a campaign and its ledger, one line per recipient."""
