from contextlib import AsyncExitStack

from services.delivery.providers import open_provider
from tests.delivery.providers.fake_postmark import FakePostmark
from tests.delivery.providers.rigs.base import Rig, account


async def opened(stack: AsyncExitStack) -> Rig:
    server = await stack.enter_async_context(FakePostmark())

    def order(address: str, situation: str) -> None:
        if situation == "invalid":
            server.codes[address] = 406
        else:
            server.faults.append({"busy": "503", "lost": "drop", "slow": "hang"}[situation])

    provider = open_provider(
        account("postmark", {"server_token": "good"}, base_url=server.url, message_search=True)
    )
    return Rig(provider, server.received, order, server)
