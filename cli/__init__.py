"""The `angarium` command: starts, fills, watches and proves an installation."""
