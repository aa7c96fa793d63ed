"""Whose key signed a request with events, remembered for a short while (GAT-26)."""

import time
from collections import OrderedDict
from typing import Final

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from services.common.clock import Clock
from services.common.errors import ServiceError

SECONDS_KEPT: Final = 30.0
"""How long a key is remembered; campaign itself refuses one that was revoked meanwhile."""
SECONDS_FRESH: Final = 1.0
"""A key that was asked for so lately is not asked for again when a signature does not fit."""
KEYS_KEPT: Final = 1000


class IntakeKeys:
    """Whose keys requests are signed with, remembered for a short while, unknown ones too."""

    def __init__(self, stub: EventIntakeServiceStub, clock: Clock) -> None:
        self._stub = stub
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, pb.ResolveIntakeKeyResponse | None]] = OrderedDict()

    async def resolve(
        self, key_id: str, *, within: float = SECONDS_KEPT
    ) -> pb.ResolveIntakeKeyResponse | None:
        """Returns the key, or None when there is none; ServiceError when campaign cannot be asked."""
        kept = self._known.get(key_id)
        if kept and time.monotonic() - kept[0] < within:
            return kept[1]
        try:
            found: pb.ResolveIntakeKeyResponse | None = await self._stub.ResolveIntakeKey(
                pb.ResolveIntakeKeyRequest(key_id=key_id)
            )
        except ServiceError as error:
            if error.reason not in ("NOT_FOUND", "VALIDATION_FAILED"):
                raise
            found = None
        self._known[key_id] = (time.monotonic(), found)
        self._known.move_to_end(key_id)
        while len(self._known) > KEYS_KEPT:
            self._known.popitem(last=False)
        return found

    def secrets(self, key: pb.ResolveIntakeKeyResponse) -> list[bytes]:
        """Returns the secrets that hold now; the one before the current ends at its time, remembered or not."""
        ended = (
            key.HasField("previous_expire_time")
            and key.previous_expire_time.ToMilliseconds() <= self._clock.now().timestamp() * 1000
        )
        return list(key.secrets[:1] if ended else key.secrets)
