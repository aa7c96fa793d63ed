"""Whose webhook an account token belongs to, remembered for at most a minute (DEL-32)."""

import time
from collections import OrderedDict

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from angarium.delivery.v1.receipt_service_pb2_grpc import ReceiptServiceStub
from services.common.errors import ServiceError

SECONDS_KEPT = 60.0
ACCOUNTS_KEPT = 1000


class WebhookAccounts:
    """Resolves account tokens; unknown ones are not remembered, so a new account works at once."""

    def __init__(self, stub: ReceiptServiceStub) -> None:
        self._stub = stub
        self._known: OrderedDict[tuple[str, str], tuple[float, delivery_pb2.ResolveWebhookAccountResponse]]
        self._known = OrderedDict()

    async def resolve(self, provider: str, token: str) -> delivery_pb2.ResolveWebhookAccountResponse | None:
        """Returns the account, or None when there is none; ServiceError when delivery cannot be asked."""
        key = (provider, token)
        kept = self._known.get(key)
        if kept and time.monotonic() - kept[0] < SECONDS_KEPT:
            return kept[1]
        try:
            account: delivery_pb2.ResolveWebhookAccountResponse = await self._stub.ResolveWebhookAccount(
                delivery_pb2.ResolveWebhookAccountRequest(provider=provider, account_token=token)
            )
        except ServiceError as error:
            if error.reason in ("NOT_FOUND", "VALIDATION_FAILED"):
                self._known.pop(key, None)
                return None
            raise
        self._known[key] = (time.monotonic(), account)
        while len(self._known) > ACCOUNTS_KEPT:
            self._known.popitem(last=False)
        return account
