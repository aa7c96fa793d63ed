from contextlib import AsyncExitStack

from services.delivery.providers import open_provider
from tests.delivery.providers.fake_mailgun import FakeMailgun
from tests.delivery.providers.rigs.base import Rig, account


async def opened(stack: AsyncExitStack) -> Rig:
    server = await stack.enter_async_context(FakeMailgun())

    def order(address: str, situation: str) -> None:
        if situation == "invalid":
            server.bad_addresses.add(address)
        else:
            server.faults.append({"busy": "503", "lost": "drop", "slow": "hang"}[situation])

    provider = open_provider(
        account("mailgun", {"api_key": "good"}, base_url=server.url, domain="mg.acme.example")
    )
    return Rig(provider, server.received, order, server)
