"""Whether a channel has an account to leave by: the tenant's, else the platform's, or none at all."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from services.delivery.accounts import routes
from services.delivery.accounts.domain import PLATFORM
from services.delivery.messages.domain import Channel, MessageClass
from tests.delivery.accounts.test_accounts import SMTP, account, create
from tests.delivery.outside import Outside

EMAIL, SMS, IN_APP = enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_IN_APP
MARKETING, TRANSACTIONAL = enums_pb2.MESSAGE_CLASS_MARKETING, enums_pb2.MESSAGE_CLASS_TRANSACTIONAL
LOGIN = {"username": "bazaar", "password": "a-password"}
Answer = pb.GetChannelRouteResponse


async def asked(outside: Outside, channel: Any = EMAIL, message_class: Any = MARKETING) -> int:
    request = pb.GetChannelRouteRequest(channel=channel, message_class=message_class)
    answer = await outside.providers.GetChannelRoute(request, metadata=outside.house.as_service("campaign"))
    return int(answer.route)


@pytest.mark.req("DEL-75", "SEC-54")
async def test_a_channel_is_open_where_an_enabled_account_takes_the_class(outside: Outside) -> None:
    outside.house.tenant_id = uuid4()
    assert await asked(outside) == Answer.ROUTE_NO_ACCOUNT
    await create(outside, account("smtp", SMTP, name="receipts", message_classes=[TRANSACTIONAL]), LOGIN)
    assert await asked(outside, message_class=TRANSACTIONAL) == Answer.ROUTE_OPEN
    assert await asked(outside) == Answer.ROUTE_NO_ACCOUNT
    off = await create(outside, account("smtp", SMTP, name="letters", is_disabled=True), LOGIN)
    assert await asked(outside) == Answer.ROUTE_NO_ACCOUNT
    async with outside.house.service.database.system() as uow:
        await uow.execute(
            "UPDATE provider_account SET is_enabled = true, circuit = 2 WHERE account_id = %s",
            (off.provider_account.provider_account_id,),
        )
    assert await asked(outside) == Answer.ROUTE_OPEN
    assert await asked(outside, SMS) == Answer.ROUTE_NO_ACCOUNT


@pytest.mark.req("DEL-75", "DEL-107")
async def test_an_account_of_the_platform_opens_a_channel_and_the_inbox_needs_none(outside: Outside) -> None:
    outside.house.tenant_id = uuid4()
    assert await asked(outside, IN_APP) == Answer.ROUTE_OPEN
    assert await asked(outside) == Answer.ROUTE_NO_ACCOUNT
    own, outside.house.tenant_id = outside.house.tenant_id, PLATFORM
    await create(outside, account("smtp", SMTP, name="shared"), LOGIN)
    outside.house.tenant_id = own
    assert await asked(outside) == Answer.ROUTE_OPEN


@pytest.mark.req("DEL-74")
async def test_a_channel_that_is_switched_off_is_closed_whatever_accounts_there_are(outside: Outside) -> None:
    found = await routes.route(
        outside.house.service.database,
        frozenset({Channel.SMS}),
        uuid4(),
        Channel.EMAIL,
        MessageClass.MARKETING,
    )
    assert found == Answer.ROUTE_CHANNEL_DISABLED
