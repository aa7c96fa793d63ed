from contextlib import AsyncExitStack

from services.delivery.providers import open_provider
from tests.delivery.providers.fake_smtp import FakeSmtp
from tests.delivery.providers.rigs.base import Rig, account


async def opened(stack: AsyncExitStack, *, pipelining: bool = True) -> Rig:
    server = await stack.enter_async_context(FakeSmtp(pipelining=pipelining))

    def order(address: str, situation: str) -> None:
        place, reply = {
            "invalid": ("", "550 5.1.1 no such user ada@example.com"),
            "busy": ("", "451 4.3.0 try later"),
            "lost": ("dot:", "drop"),
            "slow": ("dot:", "hang"),
        }[situation]
        server.replies[place + address] = reply

    provider = open_provider(account("smtp", host="127.0.0.1", port=server.port, security="none"))
    return Rig(provider, server.received, order, server)
