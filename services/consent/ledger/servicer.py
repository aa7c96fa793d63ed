"""LedgerService."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from angarium.consent.v1 import ledger_service_pb2 as pb
from angarium.consent.v1 import ledger_service_pb2_grpc
from services.consent.ledger.handlers import Ledger


class LedgerServicer(ledger_service_pb2_grpc.LedgerServiceServicer):
    """Proves consents."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def GetConsentAt(self, request: pb.GetConsentAtRequest, context: Any) -> pb.GetConsentAtResponse:
        return await self._ledger.consent_at(request)

    async def ExportConsentReceipt(
        self, request: pb.ExportConsentReceiptRequest, context: Any
    ) -> pb.ExportConsentReceiptResponse:
        return await self._ledger.receipt(request)

    async def ListReceiptKeys(
        self, request: pb.ListReceiptKeysRequest, context: Any
    ) -> pb.ListReceiptKeysResponse:
        return self._ledger.keys(request)

    async def VerifyConsentLedger(
        self, request: pb.VerifyConsentLedgerRequest, context: Any
    ) -> AsyncIterator[pb.VerifyConsentLedgerResponse]:
        async with aclosing(self._ledger.verify(request)) as responses:
            async for response in responses:
                yield response
