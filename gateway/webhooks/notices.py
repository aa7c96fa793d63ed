"""What is done about calls of SNS: notifications are let through, subscriptions to the account's topic confirmed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import structlog

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import sns
from gateway.webhooks.certificates import Certificates
from services.common.clock import Clock
from services.common.errors import unavailable

PROVIDERS: Final = frozenset({"ses", "aws_sns"})
"""Providers that tell by notifications."""

_log = structlog.get_logger("gateway.notices")


class Heard(StrEnum):
    """What a call is."""

    REFUSED = "refused"
    NOTIFICATION = "notification"
    DONE = "done"


class Notices:
    """Hears calls of SNS."""

    def __init__(self, certificates: Certificates, clock: Clock, *, production: bool) -> None:
        self._certificates = certificates
        self._clock = clock
        self._production = production

    async def hear(
        self, verification: delivery_pb2.VerificationMaterial, headers: Mapping[str, str], raw_body: bytes
    ) -> Heard:
        """Returns whether a call is genuine, and whether more is to be done than was done here.

        Raises:
            ServiceError: The certificate cannot be fetched, or the subscription not be confirmed, for now.
        """
        envelope = sns.read(verification, headers, raw_body, self._clock.now(), production=self._production)
        if envelope is None:
            return Heard.REFUSED
        key = await self._certificates.key(envelope.certificate_url)
        if key is None or not envelope.is_signed_with(key):
            return Heard.REFUSED
        if envelope.kind == sns.NOTIFICATION:
            return Heard.NOTIFICATION
        if envelope.kind == sns.END:
            # Confirming would subscribe again; whoever ended it had a reason, or is to be asked for one.
            _log.warning("subscription_ended", topic=envelope.topic)
            return Heard.DONE
        status = await self._certificates.get(envelope.confirmation_url)
        if status != 200:
            _log.warning("subscription_not_confirmed", topic=envelope.topic, status=status)
            raise unavailable("sns")
        _log.info("subscription_confirmed", topic=envelope.topic)
        return Heard.DONE
