"""Bare scripts that do only the unavoidable work; each runs as a process of its own and prints one JSON line."""
