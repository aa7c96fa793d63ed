"""Words that templates name by key: the tenant's before the platform's (CAM-12)."""
