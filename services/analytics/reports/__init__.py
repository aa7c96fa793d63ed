"""Reports: what became of a campaign."""
