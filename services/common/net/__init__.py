"""Calls to URLs that tenants give: checked where they lead to, bounded, never followed elsewhere."""
