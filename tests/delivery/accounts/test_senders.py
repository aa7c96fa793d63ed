"""Whether mail of a tenant may come from an address: what the accounts say that would carry it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2 as pb
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.senders import is_within
from tests.delivery.accounts.test_accounts import SMTP, account, create
from tests.delivery.outside import Outside

VERIFIED, REFUSED = pb.SenderVerification.RESULT_VERIFIED, pb.SenderVerification.RESULT_REFUSED
LOGIN = {"username": "bazaar", "password": "a-password"}


async def asked(outside: Outside, address: str, **caller: Any) -> list[tuple[str, int]]:
    answer = await outside.providers.VerifySender(
        pb.VerifySenderRequest(address=address), metadata=outside.house.as_service("campaign", **caller)
    )
    return [(one.name, one.result) for one in answer.verifications]


@pytest.mark.req("CAM-2", "DEL-36")
async def test_an_account_that_cannot_be_asked_vouches_for_the_domains_of_its_settings(
    outside: Outside,
) -> None:
    outside.house.tenant_id = uuid4()
    assert await asked(outside, "news@bazaar.example") == []
    await create(outside, account("smtp", SMTP, name="relay"), LOGIN)
    transactional = [enums_pb2.MESSAGE_CLASS_TRANSACTIONAL]
    await create(outside, account("smtp", SMTP, name="receipts", message_classes=transactional), LOGIN)
    for address, result in {
        "letters@bazaar.example": VERIFIED,
        "letters@shop.bazaar.example": VERIFIED,
        "letters@example": REFUSED,
        "letters@notbazaar.example": REFUSED,
    }.items():
        if "." in address.rpartition("@")[2]:
            assert await asked(outside, address) == [("relay", result)]
    # Another tenant has no account, and is answered by the platform's, without its id.
    assert await asked(outside, "news@bazaar.example", tenant_id=uuid4()) == []


@pytest.mark.parametrize(
    ("domain", "result"),
    [("a.example", True), ("b.a.example", True), ("example", False), ("ba.example", False)],
)
def test_a_domain_below_a_verified_one_is_within(domain: str, result: bool) -> None:
    assert is_within(domain, {"a.example"}) is result


@pytest.mark.req("CAM-2")
async def test_a_tenant_without_accounts_is_answered_by_those_of_the_platform(outside: Outside) -> None:
    platform = outside.house.as_person("platform_admin", tenant_id=PLATFORM)
    request = pb.CreateProviderAccountRequest(
        provider_account=account("smtp", SMTP, name="of all"), credentials=LOGIN
    )
    await outside.providers.CreateProviderAccount(request, metadata=platform)
    other = uuid4()
    answer = await outside.providers.VerifySender(
        pb.VerifySenderRequest(address="news@bazaar.example"),
        metadata=outside.house.as_service("campaign", tenant_id=other),
    )
    [found] = answer.verifications
    assert (found.name, found.result, found.provider_account_id) == ("of all", VERIFIED, "")
