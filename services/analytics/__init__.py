"""Analytics: folds events into facts, rollups and reports. Decides nothing; holds no address and no content."""
