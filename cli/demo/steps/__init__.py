"""What the demo does, one module for each thing."""
