"""Templates: named, versioned, localised content."""
