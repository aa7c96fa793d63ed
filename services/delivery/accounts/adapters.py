"""Open adapters of provider accounts, with their kept-open connections; one per account and version."""

import asyncio
from collections.abc import Mapping
from typing import Final, Literal
from uuid import UUID

import orjson

from services.common.db.database import Database
from services.common.net.guard import Guard
from services.common.security.envelope import Envelope, SealedValueError
from services.delivery.accounts.store import ProviderAccount
from services.delivery.accounts.webhooks import aad_of_token, path_of
from services.delivery.providers import Account, ConfigurationError, Provider, open_provider
from services.delivery.providers.approvals import Reviewer, business_account, open_reviewer

RECORDING: Final = "recording"


def aad_of_credentials(account_id: UUID) -> bytes:
    """Returns the place sealed credentials belong to."""
    return b"provider_account" + account_id.bytes


class Adapters:
    """Adapters by account; a changed account gets a new one, the old one is closed once it is idle."""

    def __init__(
        self,
        database: Database,
        envelope: Envelope,
        *,
        mode: Literal["live", "recording"],
        production: bool,
        public_base_url: str = "",
        internal: Mapping[str, Provider] | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._database = database
        self._envelope = envelope
        self._mode = mode
        self._production = production
        self._public_base_url = public_base_url.rstrip("/")
        self._guard = guard or Guard()
        self._internal = internal or {}
        self._open: dict[UUID, tuple[int, Provider]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def of(self, account: ProviderAccount) -> Provider:
        """Returns the adapter of an account; ConfigurationError when the account cannot be used."""
        if carried := self._internal.get(account.provider):
            return carried
        if provider := self._known(account):
            return provider
        name = RECORDING if self._mode == RECORDING else account.provider
        if name == RECORDING and self._mode != RECORDING:
            raise ConfigurationError("the recording provider exists in recording mode only")
        opening = await self._account(account, name)
        # Somebody else may have opened it meanwhile; two would be one that nobody closes.
        if provider := self._known(account):
            return provider
        provider = open_provider(opening)
        if known := self._open.get(account.account_id):
            task = asyncio.create_task(known[1].close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._open[account.account_id] = (account.version, provider)
        return provider

    def _known(self, account: ProviderAccount) -> Provider | None:
        version, provider = self._open.get(account.account_id, (None, None))
        return provider if version == account.version else None

    async def reviewer(self, account: ProviderAccount) -> tuple[Reviewer, str]:
        """Returns what reviews the templates of an account, for whoever closes it, and the account's business account."""
        if self._mode == RECORDING:
            raise ConfigurationError("nothing is handed in while messages are only recorded")
        opened = await self._account(account, account.provider)
        return open_reviewer(opened), business_account(opened)

    async def close(self) -> None:
        """Closes all adapters once what is under way has ended."""
        await asyncio.gather(*self._closing, *(provider.close() for _, provider in self._open.values()))
        self._open.clear()

    async def _account(self, account: ProviderAccount, name: str) -> Account:
        """Returns an account as the adapter of a provider sees it."""
        return Account(
            account.account_id,
            name,
            account.config,
            await self.credentials(account),
            account.timeout,
            account.max_concurrency,
            self._production,
            account.channel.name.lower(),
            await self._webhook_url(account),
            self._guard,
            {
                one.domain: one.max_concurrency
                for one in account.domain_limits.values()
                if one.max_concurrency
            },
        )

    async def _webhook_url(self, account: ProviderAccount) -> str:
        """Returns where a provider tells of an account; empty when it has no webhook."""
        if account.webhook_token is None or not self._public_base_url:
            return ""
        token = await self._opened(account, account.webhook_token, aad_of_token(account.account_id))
        path = path_of(account.provider, token.decode())
        return self._public_base_url + path if path else ""

    async def credentials(self, account: ProviderAccount) -> dict[str, str]:
        """Returns the credentials of an account in the clear."""
        if account.credentials is None:
            return {}
        plain = await self._opened(account, account.credentials, aad_of_credentials(account.account_id))
        found: dict[str, str] = orjson.loads(plain)
        return found

    async def _opened(self, account: ProviderAccount, sealed: bytes, place: bytes) -> bytes:
        """Returns what is sealed of an account; without its key the account cannot be used, and others can."""
        async with self._database.system() as uow:
            try:
                return await self._envelope.open(uow, sealed, place, tenant_id=account.tenant_id)
            except SealedValueError as error:
                raise ConfigurationError(f"the secrets of the account cannot be opened: {error}") from None
