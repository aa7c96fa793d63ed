"""Servers, clients and the context of a call."""

import os

# The transport's own chatter about connections that come and go is not written in our form; its errors still are.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
