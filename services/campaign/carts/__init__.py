"""What contacts are about to buy, and what they look at."""
