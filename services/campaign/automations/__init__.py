"""What is done for contacts by itself: definitions, what starts them, and runs that survive anything."""
