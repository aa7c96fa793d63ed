"""Messages that ask people to confirm a consent."""
