"""The only public door: provider webhooks, tracking, unsubscribe pages. No tables, no decisions."""
