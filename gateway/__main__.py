"""Runs the gateway: `python -m gateway`."""

from contextlib import suppress

from gateway.app import build
from gateway.console.streams import Streams
from gateway.server import DrainingServer, configured
from gateway.settings import GatewaySettings
from services.common import logs, telemetry
from services.common.settings import load


def main() -> None:
    """Serves until it is told to stop, then finishes what is in hand."""
    settings = load(GatewaySettings)
    logs.setup(settings, "gateway")
    telemetry.setup(settings, "gateway")
    streams = Streams()
    server = DrainingServer(configured(settings, build(settings, streams=streams)), streams.drain)
    with suppress(KeyboardInterrupt):
        server.run()
    telemetry.shutdown()
    if not server.started:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
