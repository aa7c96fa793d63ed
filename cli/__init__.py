"""The `angarium` command: starts, fills, watches and proves an installation."""

import os

# What the commands start executes another program at once and needs nothing of gRPC. Its handlers for forks, which it sets
# up when it is first imported, meet threads inside gRPC: at best they say so on the terminal, at worst the child dies of it.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
