"""What `angarium events` asks and sends."""
