"""What is known of a phone number: by a provider's lookup where there is one, else by its format (DEL-41)."""

import asyncio
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.addresses import parse_phone
from services.delivery.accounts import store
from services.delivery.accounts.countries import country_of
from services.delivery.accounts.handlers import Accounts
from services.delivery.messages.domain import Channel
from services.delivery.providers import ConfigurationError, PhoneFacts, PhoneLookup

SECONDS: Final = 10.0
_LINES: Final = {
    "mobile": pb.LookupPhoneResponse.LINE_TYPE_MOBILE,
    "fixed": pb.LookupPhoneResponse.LINE_TYPE_FIXED,
    "voip": pb.LookupPhoneResponse.LINE_TYPE_VOIP,
    "toll_free": pb.LookupPhoneResponse.LINE_TYPE_TOLL_FREE,
    "other": pb.LookupPhoneResponse.LINE_TYPE_OTHER,
}


async def look_up(deps: Accounts, tenant_id: UUID, text: str, region: str) -> pb.LookupPhoneResponse:
    """Returns what is known of a number, and who said so."""
    try:
        number = parse_phone(text, region)
    except ValueError:
        return pb.LookupPhoneResponse(source=pb.LookupPhoneResponse.SOURCE_FORMAT)
    for channel in (Channel.SMS, Channel.WHATSAPP):
        for account in await store.all_of(deps.database, tenant_id, channel):
            facts = await _ask(deps, account, number)
            if facts is not None:
                return pb.LookupPhoneResponse(
                    is_valid=facts.is_valid,
                    phone=number,
                    country_code=facts.country or country_of(number),
                    line_type=_LINES.get(facts.line, pb.LookupPhoneResponse.LINE_TYPE_UNSPECIFIED),
                    source=pb.LookupPhoneResponse.SOURCE_PROVIDER,
                    provider=account.provider,
                )
    return pb.LookupPhoneResponse(
        is_valid=True,
        phone=number,
        country_code=country_of(number),
        source=pb.LookupPhoneResponse.SOURCE_FORMAT,
    )


async def _ask(deps: Accounts, account: store.ProviderAccount, number: str) -> PhoneFacts | None:
    """Returns what a provider says; None when it has no lookup, or does not answer."""
    try:
        provider = await deps.adapters.of(account)
        if not isinstance(provider, PhoneLookup):
            return None
        async with asyncio.timeout(SECONDS):
            return await provider.look_up_phone(number)
    except (ConfigurationError, TimeoutError):
        return None
