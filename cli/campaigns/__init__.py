"""What the commands about campaigns share."""
