"""What the command of reports asks, and how its answers are shown."""
