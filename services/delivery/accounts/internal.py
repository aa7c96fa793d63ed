"""Channels that need no provider of anybody's: this service carries them itself (DEL-107).

Their accounts are no rows: nobody creates, prices or disables them, and their circuits never open.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from services.common.db.database import Database
from services.delivery.accounts import store
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.store import ProviderAccount
from services.delivery.messages.domain import Channel, MessageClass

RATE: Final = 10_000
"""Requests per second: more than there ever are."""


def _account(channel: Channel, provider: str, name: str) -> ProviderAccount:
    return ProviderAccount(
        tenant_id=PLATFORM,
        account_id=UUID(int=int(channel)),
        provider=provider,
        name=name,
        credentials=None,
        config={},
        priority=1,
        rate_per_second=RATE,
        max_concurrency=4,
        timeout=timedelta(seconds=10),
        circuit=store.CLOSED,
        probe_at=None,
        version=1,
        channel=channel,
    )


INBOX: Final = _account(Channel.IN_APP, "inbox", "the inbox of the app")
WEBHOOKS: Final = _account(Channel.WEBHOOK, "webhook", "the tenant's webhook subscriptions")

BY_CHANNEL: Final = {account.channel: account for account in (INBOX, WEBHOOKS)}
_BY_ID: Final = {account.account_id: account for account in BY_CHANNEL.values()}


async def by_id(database: Database, tenant_id: UUID, account_id: UUID) -> ProviderAccount | None:
    """Returns an account by the id that messages and receipts bear, whether it is a row or carried here."""
    return _BY_ID.get(account_id) or await store.by_id(database, tenant_id, account_id)


async def suitable(
    database: Database, tenant_id: UUID, channel: Channel, message_class: MessageClass
) -> list[ProviderAccount]:
    """Returns the accounts for a message, as `store.suitable` does; a channel carried here has exactly one."""
    if account := BY_CHANNEL.get(channel):
        return [account]
    return await store.suitable(database, tenant_id, channel, message_class)
