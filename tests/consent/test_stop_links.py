"""Links by which people who are nobody's contacts stop messages of group payments, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import suppression_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.security.stop_links import SCOPES, StopLink, pack, unpack
from services.common.security.tokens import InvalidToken, Purpose, TokenSigner
from tests.consent.kit import Tenant, question, reason

ADDRESS = "mo.one@example.com"


def link(salon: Tenant, *, purpose: Purpose = Purpose.STOP) -> str:
    hasher, now = salon.consent.hasher, salon.consent.clock.now()
    said = StopLink(
        "group_payment", hasher.one(salon.tenant_id, "email", ADDRESS), hasher.key_id, "m***@example.com"
    )
    signer = TokenSigner(salon.consent.settings.token_keys)
    return signer.sign(purpose, salon.tenant_id, pack(said), issued=now, expires=now + timedelta(days=365))


async def answered(salon: Tenant, category: int) -> str:
    asked = question(salon, None, address=ADDRESS, category=category)
    return reason((await salon.service().evaluate(asked)).decision)


@pytest.mark.req("EVT-63")
async def test_whoever_follows_the_link_is_invited_no_more_and_hears_of_everything_else(
    salon: Tenant,
) -> None:
    gateway, token = salon.service("gateway"), link(salon)
    groups, payment = enums_pb2.CATEGORY_GROUP_PAYMENT, enums_pb2.CATEGORY_PAYMENT
    before = await answered(salon, groups)
    shown = await gateway.call(gateway.suppressions.ResolveStopLink, pb.ResolveStopLinkRequest(token=token))
    assert (shown.masked_address, shown.is_stopped) == ("m***@example.com", False)
    assert await answered(salon, groups) == before != "suppressed"
    for repeat in (False, True):
        answer = await gateway.call(
            gateway.suppressions.FollowStopLink, pb.FollowStopLinkRequest(token=token)
        )
        assert answer.already_stopped is repeat
    assert await answered(salon, groups) == "suppressed"
    assert await answered(salon, payment) == before
    shown = await gateway.call(gateway.suppressions.ResolveStopLink, pb.ResolveStopLinkRequest(token=token))
    assert shown.is_stopped
    staff = salon.staff()
    listed = await staff.call(staff.suppressions.ListSuppressions, pb.ListSuppressionsRequest())
    [entry] = listed.suppressions
    assert (entry.scope, entry.address_hint) == (pb.SUPPRESSION_SCOPE_GROUP_PAYMENT, "m***@example.com")


@pytest.mark.req("EVT-63", "CON-97")
async def test_only_the_gateway_follows_links_and_only_genuine_ones(salon: Tenant) -> None:
    gateway = salon.service("gateway")
    for token in ("forged", link(salon, purpose=Purpose.UNSUBSCRIBE)):
        with pytest.raises(ServiceError) as refused:
            await gateway.call(gateway.suppressions.FollowStopLink, pb.FollowStopLinkRequest(token=token))
        assert refused.value.reason == "INVALID_TOKEN"
    salon.consent.clock.advance(timedelta(days=366))
    late = link(salon)
    salon.consent.clock.advance(timedelta(days=366))
    with pytest.raises(ServiceError) as over:
        await gateway.call(gateway.suppressions.FollowStopLink, pb.FollowStopLinkRequest(token=late))
    assert over.value.reason == "TOKEN_EXPIRED"
    staff = salon.staff()
    with pytest.raises(ServiceError) as denied:
        await staff.call(staff.suppressions.FollowStopLink, pb.FollowStopLinkRequest(token=late))
    assert denied.value.reason == "PERMISSION_DENIED"


@given(
    st.sampled_from(SCOPES), st.binary(min_size=32, max_size=32), st.text(max_size=30), st.text(max_size=60)
)
def test_a_link_says_what_was_packed(scope: str, digest: bytes, key: str, hint: str) -> None:
    said = StopLink(scope, digest, key, hint)
    assert unpack(pack(said)) == said


@given(st.binary(max_size=60))
def test_what_is_no_link_is_refused_and_breaks_nothing(body: bytes) -> None:
    try:
        found = unpack(body)
    except InvalidToken:
        return
    assert len(found.address_hash) == 32
