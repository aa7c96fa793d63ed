"""Campaign: who gets what. Tenants and settings, contacts, segments, templates, campaigns."""
