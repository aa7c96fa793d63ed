"""Whether the accounts of a tenant may send e-mail from an address: asked of the providers, nothing is sent (CAM-2)."""

import asyncio
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.delivery.accounts import store
from services.delivery.accounts.domains import domain_of
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.store import ProviderAccount
from services.delivery.messages.domain import Channel, MessageClass
from services.delivery.providers import ConfigurationError, Verification
from services.delivery.providers.base import SenderChecked, masked

SECONDS: Final = 3.5
"""What an account has to answer in: its caller waits for five seconds."""

_DOMAINS: Final = ("from_address", "return_path_domain")

_REFUSED = pb.SenderVerification.RESULT_REFUSED
_UNKNOWN = pb.SenderVerification.RESULT_UNKNOWN
_VERIFIED = pb.SenderVerification.RESULT_VERIFIED


async def verify(deps: Accounts, tenant_id: UUID, address: str) -> list[pb.SenderVerification]:
    """Returns what each account that would carry the tenant's marketing e-mail says of a sender."""
    accounts = await store.carrying(deps.database, tenant_id, Channel.EMAIL, MessageClass.MARKETING)
    return list(await asyncio.gather(*(_asked(deps, tenant_id, one, address) for one in accounts)))


async def _asked(
    deps: Accounts, tenant_id: UUID, account: ProviderAccount, address: str
) -> pb.SenderVerification:
    answer = pb.SenderVerification(
        provider_account_id=str(account.account_id) if account.tenant_id == tenant_id else "",
        provider=account.provider,
        name=account.name,
    )
    try:
        provider = await deps.adapters.of(account)
        if isinstance(provider, SenderChecked):
            async with asyncio.timeout(SECONDS):
                found = await provider.verify_sender(address)
        else:
            found = _by_settings(account, await deps.adapters.credentials(account), address)
        answer.result = _VERIFIED if found.ok else _REFUSED if not found.provider_fault else _UNKNOWN
        answer.detail = masked(found.details)
    except ConfigurationError as error:
        answer.result, answer.detail = _REFUSED, str(error)
    except TimeoutError:
        answer.result, answer.detail = _UNKNOWN, "the provider did not answer in time"
    return answer


def _by_settings(account: ProviderAccount, credentials: dict[str, str], address: str) -> Verification:
    """Takes the account's own settings at their word, where its provider cannot be asked."""
    texts = [str(account.config.get(name) or "") for name in _DOMAINS]
    known = {domain_of(text) for text in (*texts, credentials.get("dkim_domain", "")) if text}
    domain = domain_of(address)
    if is_within(domain, known):
        return Verification(True, "the account sends for this domain")
    return Verification(
        False, f"the account sends for {', '.join(sorted(known)) or 'no domain by its settings'}"
    )


def is_within(domain: str, known: Iterable[str]) -> bool:
    """Returns whether a domain is one of those, or below one of them."""
    return any(domain == one or domain.endswith(f".{one}") for one in known)
