"""Runs the gateway: `python -m gateway`."""

import uvicorn

from gateway.app import build
from gateway.settings import GatewaySettings
from services.common import logs, telemetry
from services.common.settings import load


def main() -> None:
    """Serves until it is told to stop, then finishes what is in hand."""
    settings = load(GatewaySettings)
    logs.setup(settings, "gateway")
    telemetry.setup(settings, "gateway")
    host, port = settings.listen
    uvicorn.run(
        build(settings),
        host=host,
        port=port,
        access_log=False,  # our own line leaves tokens out
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the peer must stay visible: see clients.py
        timeout_graceful_shutdown=settings.shutdown_grace_seconds,
        h11_max_incomplete_event_size=65_536,
    )
    telemetry.shutdown()


if __name__ == "__main__":
    main()
