"""Two neighbours of the platform, payments and ticketing, on one day of a venue."""
