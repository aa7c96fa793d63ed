"""The preference link: it reaches what its page shows, of its own contact, while it is genuine and not voided."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.security.tokens import Purpose
from services.consent.preferences import links
from services.consent.preferences.links import Link
from tests.consent.kit import EMAIL, SMS, Tenant, reason
from tests.consent.preferring import (
    DAILY,
    IN_APP,
    MARKETING_GROUP,
    PAYMENT_GROUP,
    cell,
    channel,
    get,
    grid,
    history,
    set_cells,
    update,
)
from tests.consent.test_links import gateway, resolve, token_of, unsubscribe


async def link_of(tenant: Tenant, contact: UUID) -> str:
    return await token_of(tenant, contact, purpose=pb.TOKEN_PURPOSE_PREFERENCES)


async def on_page(tenant: Tenant, token: str, mask: str = "", **fields: Any) -> pb.Preferences:
    """Posts the page: fields of the preferences by their names, and what else the request holds."""
    beside = {
        name: fields.pop(name) for name in ("stop_marketing", "ip_address", "user_agent") if name in fields
    }
    calls = gateway(tenant)
    request = pb.UpdatePreferencesByTokenRequest(
        token=token,
        preferences=pb.Preferences(**fields),
        update_mask=FieldMask(paths=mask.split(",")) if mask else None,
        **beside,
    )
    answer = await calls.call(calls.preferences.UpdatePreferencesByToken, request)
    return answer.preferences  # type: ignore[no-any-return]


async def revoke_links(tenant: Tenant, contact: UUID, **fields: Any) -> pb.RevokeLinksResponse:
    calls = tenant.staff()
    request = pb.RevokeLinksRequest(**{"contact_id": str(contact), "reason": "phone lost", **fields})
    return await calls.call(calls.preferences.RevokeLinks, request)  # type: ignore[no-any-return]


@pytest.mark.req("CON-35", "CON-65", "CON-34")
async def test_the_link_shows_the_preferences_and_opening_it_changes_nothing(salon: Tenant) -> None:
    contact = await salon.contact(language_code="de")
    await update(salon, contact, "channels", channels=[channel(SMS, on=False)])
    found = await resolve(salon, await link_of(salon, contact))
    assert found.purpose == pb.TOKEN_PURPOSE_PREFERENCES
    assert found.preferences == await get(salon, contact)
    assert (found.tenant_name, found.language_code, found.masked_address) == ("Salon", "de", "x***")
    assert (found.preferences.etag, len(await history(salon, contact))) == ("1", 1)
    plain = await resolve(salon, await token_of(salon, contact))
    assert not plain.HasField("preferences")
    assert found.preferences_token == ""
    # From the page that unsubscribes, people find the page on which they choose.
    onward = await resolve(salon, plain.preferences_token)
    assert onward.preferences == found.preferences
    salon.consent.clock.advance(links.VALIDITY)
    assert (await refused(resolve(salon, plain.preferences_token))).reason == "TOKEN_EXPIRED"


@pytest.mark.req("CON-37", "CON-83", "CON-122")
async def test_what_the_page_says_holds_and_is_the_contacts_own_word(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    token = await link_of(salon, contact)
    found = await on_page(
        salon,
        token,
        "channels,quiet_hours,language_code,time_zone,categories",
        channels=[channel(EMAIL, often=DAILY), channel(IN_APP, on=False)],
        quiet_hours=pb.QuietHours(is_enabled=True, start="20:00", end="08:30"),
        language_code="fr",
        time_zone="Europe/Paris",
        categories=[cell(PAYMENT_GROUP, EMAIL, on=False), cell(MARKETING_GROUP, EMAIL)],
    )
    assert found == await get(salon, contact)
    assert not grid(found)["payment", EMAIL].is_enabled
    assert grid(found)["marketing", EMAIL].is_default
    decision = await salon.decide(contact)
    assert (reason(decision), decision.language_code, decision.time_zone) == ("digest", "fr", "Europe/Paris")
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "category_off"
    [change] = await history(salon, contact)
    assert (change.changed_by, change.source) == ("contact", "preference_page")
    await on_page(salon, token, "language_code", language_code="fr")
    assert len(await history(salon, contact)) == 1


@pytest.mark.req("CON-37", "CON-94", "CON-102")
async def test_the_page_reaches_no_other_field_and_names_what_is_wrong(salon: Tenant) -> None:
    contact = await salon.contact()
    token = await link_of(salon, contact)
    beyond = (
        "sms_critical_only preferred_channel digest_time max_emails_per_day max_sms_per_day"
        " marketing_opted_out is_dnd contact_id etag"
    )
    for path in beyond.split():
        error = await refused(on_page(salon, token, path))
        assert [one.field for one in error.violations] == ["update_mask"], path
    bad: list[tuple[str, dict[str, Any], str]] = [
        ("", {}, "update_mask"),
        ("time_zone", {"time_zone": "Nowhere"}, "preferences.time_zone"),
        ("quiet_hours", {"quiet_hours": pb.QuietHours(start="25:00")}, "preferences.quiet_hours.start"),
        ("channels", {"channels": [channel(6)]}, "preferences.channels[0].channel"),
        (
            "categories",
            {"categories": [cell(common.CATEGORY_URGENT, EMAIL, on=False, single=True)]},
            "preferences.categories[0].is_enabled",
        ),
        (
            "categories",
            {"categories": [cell(99, EMAIL)]},
            "preferences.categories[0].group",
        ),
    ]
    for mask, fields, place in bad:
        error = await refused(on_page(salon, token, mask, **fields))
        assert (error.reason, [one.field for one in error.violations]) == ("VALIDATION_FAILED", [place])
    assert await salon.consent.rows("SELECT FROM preference") == []


@pytest.mark.req("CON-37", "GEN-28")
async def test_a_page_that_was_shown_before_another_change_does_not_undo_it(salon: Tenant) -> None:
    contact = await salon.contact()
    token = await link_of(salon, contact)
    shown = (await resolve(salon, token)).preferences
    await set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL, on=False))
    error = await refused(on_page(salon, token, "language_code", language_code="de", etag=shown.etag))
    assert error.reason == "VERSION_CONFLICT"
    fresh = (await resolve(salon, token)).preferences
    assert (await on_page(salon, token, "language_code", language_code="de", etag=fresh.etag)).etag == "2"


@pytest.mark.req("CON-37", "CON-60", "CON-10", "CON-63")
async def test_stopping_marketing_on_the_page_is_an_opt_out_of_everything(salon: Tenant) -> None:
    contact = await salon.contact()
    for one in (EMAIL, SMS):
        await salon.grant(contact, one)
    token = await link_of(salon, contact)
    for _ in range(2):
        found = await on_page(
            salon, token, stop_marketing=True, ip_address="203.0.113.7", user_agent="Firefox"
        )
        assert found.marketing_opted_out
    for one in (EMAIL, SMS):
        assert reason(await salon.decide(contact, channel=one)) == "suppressed"
        assert reason(await salon.decide(contact, channel=one, category=common.CATEGORY_PAYMENT)) == "allow"
    actions = await salon.consent.rows("SELECT channel, method, host(ip_address) FROM unsubscribe_action")
    assert actions == [(None, "preference_page", "203.0.113.7")]
    sources = await salon.consent.rows("SELECT opt_out_source FROM preference")
    assert sources == [("preference_page",)]
    assert len(await salon.consent.rows("SELECT FROM outbox WHERE type = 'consent.opted_out'")) == 1


@pytest.mark.req("CON-62", "CON-92", "CON-97")
async def test_revoking_voids_every_older_link_and_no_newer_one(salon: Tenant) -> None:
    contact, neighbour = await salon.contact(), await salon.contact()
    await salon.grant(contact)
    old = [
        await link_of(salon, contact),
        await token_of(salon, contact),
        (await salon.decide(contact)).unsubscribe_token,
    ]
    spared = await link_of(salon, neighbour)
    first = await revoke_links(salon, contact, idempotency_key="k")
    again = await revoke_links(salon, contact, idempotency_key="k")
    assert (first.deduplicated, again.deduplicated) == (False, True)
    for token in old:
        assert (await refused(resolve(salon, token))).reason == "INVALID_TOKEN"
    assert (await refused(on_page(salon, old[0], "channels"))).reason == "INVALID_TOKEN"
    assert (await refused(unsubscribe(salon, old[1]))).reason == "INVALID_TOKEN"
    for token in (spared, await link_of(salon, contact), (await salon.decide(contact)).unsubscribe_token):
        await resolve(salon, token)
    [entry] = await salon.consent.rows(
        "SELECT actor, after FROM audit WHERE action = 'preferences.revoke_links'"
    )
    assert entry[0] == "anna"
    error = await refused(revoke_links(salon, contact, reason=""))
    assert [one.field for one in error.violations] == ["reason"]


@pytest.mark.req("CON-34", "CON-97")
async def test_an_address_that_is_nobodys_has_no_preference_link(salon: Tenant) -> None:
    calls = salon.service()
    request = pb.IssueUnsubscribeTokenRequest(
        subject=consent_pb2.Subject(address="stranger@example.com"),
        purpose=pb.TOKEN_PURPOSE_PREFERENCES,
    )
    error = await refused(calls.call(calls.preferences.IssueUnsubscribeToken, request))
    assert [one.field for one in error.violations] == ["subject"]
    now = salon.consent.clock.now()
    forged = salon.consent.signer.sign(
        Purpose.PREFERENCES,
        salon.tenant_id,
        links.pack(Link(None, b"h" * 32, "email", 1)),
        issued=now,
        expires=now + links.VALIDITY,
    )
    assert (await refused(on_page(salon, forged, "channels"))).reason == "INVALID_TOKEN"


Call = Callable[[Tenant, str], Awaitable[Any]]


async def by_page(tenant: Tenant, token: str) -> Any:
    return await on_page(tenant, token, "language_code", language_code="de")


@pytest.mark.req("CON-98", "CON-62")
async def test_an_expired_preference_link_says_so(salon: Tenant) -> None:
    contact = await salon.contact()
    token = await link_of(salon, contact)
    salon.consent.clock.advance(links.VALIDITY - timedelta(seconds=1))
    await by_page(salon, token)
    salon.consent.clock.advance(timedelta(seconds=1))
    for call in (by_page, resolve):
        error = await refused(call(salon, token))
        assert (error.reason, error.code) == ("TOKEN_EXPIRED", "MARKETING_016")


def raw(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def spelled(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


PURPOSES = [one for one in Purpose if one not in (Purpose.BOUNCE, Purpose.PREFERENCES)]
tampering = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 10_000)),
    st.tuples(st.just("cut"), st.integers(0, 200)),
    st.tuples(st.just("append"), st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("spelling"), st.sampled_from(["=", "==", " ", "\n", "A", "%00", "ä"])),
    st.tuples(st.just("text"), st.text(min_size=1, max_size=200)),
    st.tuples(st.just("bytes"), st.binary(min_size=1, max_size=200)),
    st.tuples(st.just("purpose"), st.sampled_from(PURPOSES)),
    st.tuples(st.just("version"), st.integers(2, 2**32 - 1)),
    st.tuples(st.just("tenant"), st.none()),
    st.tuples(st.just("contact"), st.none()),
    st.tuples(st.just("body"), st.binary(max_size=80)),
)


@pytest.mark.req("CON-97", "CON-105", "GEN-38")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tampering)
async def test_whatever_is_done_to_a_link_it_is_refused_without_saying_why(
    salon: Tenant, how: tuple[str, Any]
) -> None:
    contact = await salon.contact()
    token = await link_of(salon, contact)
    bad = tampered(salon, contact, token, *how)
    if bad == token:
        return
    for call in (by_page, resolve) if how[0] != "purpose" or how[1] != Purpose.UNSUBSCRIBE else (by_page,):
        error = await refused(call(salon, bad))
        if len(bad) > 1024:
            assert error.reason == "VALIDATION_FAILED"
            continue
        assert (error.reason, error.code) == ("INVALID_TOKEN", "MARKETING_015")
        assert error.message == "token is not valid"
        assert error.violations == []
        assert set(error.metadata) <= {"code", "request_id"}
    assert await salon.consent.rows("SELECT FROM preference WHERE contact_id = %s", contact) == []


def tampered(tenant: Tenant, contact: UUID, token: str, how: str, value: Any) -> str:
    content, now = raw(token), tenant.consent.clock.now()

    def signed(purpose: Purpose, body: bytes, tenant_id: UUID = tenant.tenant_id) -> str:
        return tenant.consent.signer.sign(purpose, tenant_id, body, issued=now, expires=now + links.VALIDITY)

    body = links.pack(Link(contact, None, "email", 1))
    if how == "flip":
        place = value % (len(content) * 8)
        return spelled(
            content[: place // 8] + bytes([content[place // 8] ^ 1 << place % 8]) + content[place // 8 + 1 :]
        )
    if how == "cut":
        return token[: max(1, len(token) - 1 - value % len(token))]
    if how == "append":
        return spelled(content + value)
    if how == "spelling":
        return token + value
    if how == "text":
        return str(value)
    if how == "bytes":
        return binascii.hexlify(value).decode()
    if how == "purpose":
        return signed(value, body)
    if how == "version":
        return signed(Purpose.PREFERENCES, links.pack(Link(contact, None, "email", value)))
    if how == "body":
        return signed(Purpose.PREFERENCES, value)
    if how == "tenant":
        # A tenant can make links of its own; none of them may reach another tenant's contact.
        stranger = Tenant(tenant.consent).tenant_id
        return signed(Purpose.PREFERENCES, body, stranger)
    return signed(Purpose.PREFERENCES, links.pack(Link(uuid7(), None, "email", 1)))


async def refused(call: Awaitable[Any]) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value
