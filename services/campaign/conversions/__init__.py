"""What of neighbours' events counts as a conversion, told to whoever measures."""
