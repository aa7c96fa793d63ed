"""Looking at contacts, changing them, and writing them out."""
