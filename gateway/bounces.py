"""The door for bounce mails: an SMTP listener that takes reports sent to our signed return paths only.

A report about a message comes to the return path that the message left with. That address carries a signed token,
so nobody can make us believe in a bounce that did not happen (docs/requirements/providers.md, section 3).
"""

import asyncio
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from angarium.delivery.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from gateway.settings import split_address
from services.common import telemetry
from services.common.clock import Clock
from services.common.errors import ServiceError

MAX_BYTES = 1_048_576
HOSTNAME = "bounces.angarium"

_log = structlog.get_logger("gateway.bounces")


class BounceHandler:
    """Takes a report, hands its bytes on, and answers 250 only once they are stored."""

    def __init__(self, receipts: ReceiptServiceStub, clock: Clock) -> None:
        self._receipts = receipts
        self._clock = clock

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Stores the report once for each return path it was sent to."""
        for recipient in envelope.rcpt_tos:
            request = delivery_pb2.RecordReceiptsRequest(
                raw_body=_bytes(envelope.content),
                content_type="message/rfc822",
                envelope_recipient=recipient[:320],
            )
            request.receive_time.FromDatetime(self._clock.now())
            try:
                with telemetry.span("bounce", kind="server", parent=""):
                    await self._receipts.RecordReceipts(request)
            except ServiceError as error:
                if error.reason in ("INVALID_TOKEN", "TOKEN_EXPIRED", "NOT_FOUND", "VALIDATION_FAILED"):
                    _log.warning("bounce_refused", reason=error.reason)
                    return "550 5.1.1 no such return path"
                return "451 4.3.0 try again later"
        return "250 2.0.0 stored"


def _bytes(content: bytes | str | None) -> bytes:
    return content.encode() if isinstance(content, str) else content or b""


class BounceListener:
    """The listener; it closes after the report in hand."""

    def __init__(self, address: str, handler: BounceHandler) -> None:
        self._host, self._port = split_address(address)
        self._handler = handler
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(
                self._handler, hostname=HOSTNAME, ident="Angarium", data_size_limit=MAX_BYTES, timeout=30
            ),
            self._host,
            self._port,
        )

    async def stop(self) -> None:
        """Ends listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
