"""What the sandbox keeps on disk: mail accepted, work to do, and the truth of what happened."""
