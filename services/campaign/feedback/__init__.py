"""What contacts say of their visits: asked by link, told to staff, or brought by neighbours."""
