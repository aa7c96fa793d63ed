"""Runs the gateway: `python -m gateway`."""

from contextlib import suppress

import uvicorn

from gateway.app import build
from gateway.console.streams import Streams
from gateway.server import DrainingServer
from gateway.settings import GatewaySettings
from services.common import logs, telemetry
from services.common.settings import load


def main() -> None:
    """Serves until it is told to stop, then finishes what is in hand."""
    settings = load(GatewaySettings)
    logs.setup(settings, "gateway")
    telemetry.setup(settings, "gateway")
    host, port = settings.listen
    streams = Streams()
    config = uvicorn.Config(
        build(settings, streams=streams),
        host=host,
        port=port,
        access_log=False,  # our own line leaves tokens out
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the peer must stay visible: see clients.py
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        h11_max_incomplete_event_size=65_536,
    )
    server = DrainingServer(config, streams.drain)
    with suppress(KeyboardInterrupt):
        server.run()
    telemetry.shutdown()
    if not server.started:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
