"""Staff: who works for a tenant, and what they are told."""
