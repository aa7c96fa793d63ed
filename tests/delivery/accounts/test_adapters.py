"""Adapters of accounts: one for each, however many ask for it at once."""

from __future__ import annotations

import asyncio

from services.common.security.envelope import Envelope
from services.delivery.accounts import store
from services.delivery.accounts.adapters import Adapters
from tests.delivery.outside import Outside


async def test_many_who_ask_for_an_account_at_once_get_the_same_adapter_and_none_is_left_open(
    outside: Outside,
) -> None:
    house = outside.house
    database = house.service.database
    [(account_id,)] = await house.rows(
        "SELECT account_id FROM provider_account WHERE tenant_id = %s", house.tenant_id
    )
    account = await store.by_id(database, house.tenant_id, account_id)
    assert account is not None
    adapters = Adapters(database, Envelope(house.settings.encryption_keys), mode="live", production=False)
    try:
        found = await asyncio.gather(*(adapters.of(account) for _ in range(8)))
        assert len({id(one) for one in found}) == 1
    finally:
        await adapters.close()
