"""The mailbox page: every message as its recipient sees it, and what its recipient did."""
