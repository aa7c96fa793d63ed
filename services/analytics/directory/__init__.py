"""What analytics must know of tenants and campaigns, learned from events."""
