"""Programs that use the platform as its neighbours do."""
