"""The HTTP server of the gateway."""

from collections.abc import Callable
from socket import socket

import uvicorn


class DrainingServer(uvicorn.Server):
    """A server that ends what would last for ever before it waits for what is in hand."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None]) -> None:
        """Takes what tells endless answers that they are over."""
        super().__init__(config)
        self._drain = drain

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stops accepting, and returns once every request was answered or its time is over."""
        self._drain()
        await super().shutdown(sockets)
