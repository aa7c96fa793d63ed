"""The HTTP server of the gateway."""

from collections.abc import Callable
from socket import socket

import uvicorn
from starlette.types import ASGIApp

from gateway.patience import patient
from gateway.settings import GatewaySettings
from services.common import collector


def configured(settings: GatewaySettings, app: ASGIApp) -> uvicorn.Config:
    """Returns how the door is served."""
    host, port = settings.listen
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=patient(settings.header_seconds),
        ws="none",
        access_log=False,  # our own line leaves tokens out
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the peer must stay visible: see clients.py
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
    )


class DrainingServer(uvicorn.Server):
    """A server that ends what would last for ever before it waits for what is in hand."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None]) -> None:
        """Takes what tells endless answers that they are over."""
        super().__init__(config)
        self._drain = drain

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        collector.settle()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stops accepting, and returns once every request was answered or its time is over."""
        self._drain()
        await super().shutdown(sockets)
