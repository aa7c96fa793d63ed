from contextlib import AsyncExitStack

from services.delivery.providers import open_provider
from tests.delivery.providers.fake_ses import FakeSes
from tests.delivery.providers.rigs.base import Rig, account

CREDENTIALS = {"access_key_id": "AKID", "secret_access_key": "secret"}


async def opened(stack: AsyncExitStack) -> Rig:
    server = await stack.enter_async_context(FakeSes())

    def order(address: str, situation: str) -> None:
        if situation == "invalid":
            server.bad_addresses.add(address)
        else:
            server.faults.append({"busy": "503", "lost": "drop", "slow": "hang"}[situation])

    config = {"region": "eu-central-1", "from_address": "news@acme.example", "configuration_set": "news"}
    provider = open_provider(account("ses", CREDENTIALS, base_url=server.url, **config))
    return Rig(provider, server.received, order, server)
