from contextlib import AsyncExitStack
from typing import cast

from services.delivery.providers import Code, Result, open_provider
from services.delivery.providers.recording.adapter import Recording, Rule
from tests.delivery.providers.rigs.base import Rig, account

SITUATIONS = {
    "invalid": {"result": "permanent", "code": Code.INVALID_RECIPIENT, "recipient_fault": True},
    "busy": {"result": "retryable", "code": Code.UNAVAILABLE, "provider_fault": True},
    "lost": {"result": "unknown", "code": Code.CONNECTION, "provider_fault": True},
    "slow": {"result": "unknown", "code": Code.TIMEOUT, "provider_fault": True},
}


async def opened(stack: AsyncExitStack) -> Rig:
    provider = cast("Recording", open_provider(account("recording")))

    def order(address: str, situation: str) -> None:
        provider.rules.append(Rule.of({"address": address} | SITUATIONS[situation]))

    def received() -> list[dict[str, str]]:
        return [
            {"message_id": str(one.outgoing.message_id), "to": one.outgoing.address, **one.parts}
            for one in provider.recorded
            if one.result in (Result.ACCEPTED, Result.UNKNOWN)
        ]

    return Rig(provider, received, order)
