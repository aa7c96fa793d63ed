"""Order references: what neighbours sold, to whom, and what came back."""
