"""SuppressionService: entries are added, found, lifted, listed and imported."""

from datetime import timedelta
from typing import Any

import pytest
from google.rpc import error_details_pb2

from angarium.consent.v1 import suppression_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.consent.kit import (
    EMAIL,
    MARKETING,
    SMS,
    TRANSACTIONAL,
    WHATSAPP,
    Calls,
    RunningConsent,
    Tenant,
    stamp,
)

ADDRESS = "a.person@example.com"
MANUAL, COMPLAINT, LEGAL = (
    pb.SUPPRESSION_REASON_MANUAL,
    pb.SUPPRESSION_REASON_COMPLAINT,
    pb.SUPPRESSION_REASON_LEGAL,
)
ONLY_MARKETING = pb.SUPPRESSION_SCOPE_MARKETING


async def check(
    caller: Calls, address: str, channel: int = EMAIL, message_class: int = TRANSACTIONAL
) -> pb.CheckSuppressionResponse:
    request = pb.CheckSuppressionRequest(address=address, channel=channel, message_class=message_class)
    return await caller.call(caller.suppressions.CheckSuppression, request)  # type: ignore[no-any-return]


async def remove(caller: Calls, **changes: Any) -> int:
    request = pb.RemoveSuppressionRequest(**{"reason": "asked by phone", **changes})
    return (await caller.call(caller.suppressions.RemoveSuppression, request)).removed_count  # type: ignore[no-any-return]


def platform_admin(consent: RunningConsent, tenant: Tenant | None = None) -> Calls:
    token = issue_person(consent.settings, tenant.tenant_id if tenant else None, "root", ["platform_admin"])
    return Calls(consent.channel, (("authorization", f"Bearer {token}"),))


@pytest.mark.req("CON-38", "CON-107", "CON-6")
async def test_an_entry_keeps_the_hash_and_a_hint_but_never_the_address(salon: Tenant) -> None:
    entry = await salon.staff().suppress(ADDRESS, EMAIL, detail="returned by post")
    assert entry.address_hint == "a***@example.com"
    (row,) = await salon.consent.rows("SELECT identifier_hash, s::text FROM suppression AS s")
    assert row[0] == salon.consent.hasher.one(salon.tenant_id, "email", ADDRESS)
    assert "person" not in row[1]
    (told,) = await salon.consent.rows("SELECT after::text FROM audit WHERE action = 'suppression.add'")
    assert "person" not in told[0]


@pytest.mark.req("CON-6", "CON-38")
async def test_a_repeat_keeps_the_older_time_the_later_expiry_and_the_stronger_reason(salon: Tenant) -> None:
    staff, clock = salon.staff(), salon.consent.clock
    day = timedelta(days=1)
    first = await staff.suppress(ADDRESS, EMAIL, expire_time=stamp(clock.now() + day))
    clock.advance(timedelta(hours=1))
    longer = await staff.suppress(ADDRESS, EMAIL, expire_time=stamp(clock.now() + 2 * day))
    assert (longer.suppression_id, longer.suppress_time) == (first.suppression_id, first.suppress_time)
    assert longer.expire_time == stamp(clock.now() + 2 * day)
    shorter = await staff.suppress(ADDRESS, EMAIL, expire_time=stamp(clock.now() + day))
    assert shorter.expire_time == longer.expire_time
    for_ever = await staff.suppress(ADDRESS, EMAIL, reason=COMPLAINT)
    assert not for_ever.HasField("expire_time")
    assert (await staff.suppress(ADDRESS, EMAIL)).reason == COMPLAINT
    assert len(await salon.consent.rows("SELECT FROM outbox WHERE type = 'suppression.added'")) == 1


@pytest.mark.req("CON-39")
async def test_an_entry_whose_time_passed_does_not_hold_and_starts_anew(salon: Tenant) -> None:
    staff, clock = salon.staff(), salon.consent.clock
    first = await staff.suppress(ADDRESS, EMAIL, expire_time=stamp(clock.now() + timedelta(hours=1)))
    assert (await check(staff, ADDRESS)).is_suppressed
    clock.advance(timedelta(hours=1))
    assert not (await check(staff, ADDRESS)).is_suppressed
    again = await staff.suppress(ADDRESS, EMAIL)
    assert again.suppress_time == stamp(clock.now())
    assert again.suppression_id != first.suppression_id


@pytest.mark.req("CON-39", "CON-108")
async def test_checking_knows_scopes_and_entries_on_every_channel(salon: Tenant) -> None:
    staff = salon.staff()
    await staff.suppress(ADDRESS, EMAIL, scope=ONLY_MARKETING)
    assert not (await check(staff, ADDRESS)).is_suppressed
    found = await check(staff, "A.Person@EXAMPLE.com", message_class=MARKETING)
    assert found.suppression.scope == ONLY_MARKETING
    await staff.suppress("+49 151 2345678")
    for channel in (SMS, WHATSAPP):
        assert (await check(staff, "+491512345678", channel)).is_suppressed
    await staff.suppress("0151 7654321", SMS)
    assert (await check(staff, "+491517654321", SMS)).is_suppressed
    assert not (await check(staff, "+491517654321", WHATSAPP)).is_suppressed


@pytest.mark.req("CON-109", "CON-6")
async def test_entries_of_the_platform_hold_for_every_tenant_and_those_of_a_tenant_for_itself(
    consent: RunningConsent,
) -> None:
    ours, theirs = await consent.tenant(), await consent.tenant()
    await ours.staff().suppress(ADDRESS, EMAIL)
    assert not (await check(theirs.staff(), ADDRESS)).is_suppressed
    everywhere = "spamtrap@example.com"
    await platform_admin(consent).suppress(everywhere)
    for tenant in (ours, theirs):
        assert (await check(tenant.staff(), everywhere)).is_suppressed
        decision = await tenant.decide(None, address=everywhere, category=1)
        assert decision.checks[-1].detail == "scope all: manual (platform)"


@pytest.mark.req("CON-40", "CON-100")
async def test_protected_entries_stay_unless_a_platform_administrator_lifts_them(salon: Tenant) -> None:
    staff = salon.staff()
    await staff.suppress(ADDRESS, EMAIL, scope=ONLY_MARKETING)
    entry = await staff.suppress(ADDRESS, EMAIL, reason=LEGAL)
    for target in ({"suppression_id": entry.suppression_id}, {"address": ADDRESS}):
        with pytest.raises(ServiceError) as denied:
            await remove(staff, **target)
        assert denied.value.reason == "PERMISSION_DENIED"
    assert len(await salon.consent.rows("SELECT FROM suppression")) == 2
    assert await remove(platform_admin(salon.consent, salon), address=ADDRESS) == 2
    assert len(await salon.consent.rows("SELECT FROM outbox WHERE type = 'suppression.removed'")) == 1
    audited = await salon.consent.rows("SELECT actor, after FROM audit WHERE action = 'suppression.remove'")
    assert audited == [("root", None)]


@pytest.mark.req("CON-40", "CON-94")
async def test_lifting_needs_a_reason_and_an_entry(salon: Tenant) -> None:
    staff = salon.staff()
    entry = await staff.suppress(ADDRESS, EMAIL)
    with pytest.raises(ServiceError) as refused:
        await remove(staff, suppression_id=entry.suppression_id, reason="")
    assert refused.value.violations[0].field == "reason"
    assert await remove(staff, address=ADDRESS, channel=EMAIL) == 1
    with pytest.raises(ServiceError) as missing:
        await remove(staff, suppression_id=entry.suppression_id)
    assert missing.value.reason == "NOT_FOUND"
    assert await remove(staff, address=ADDRESS) == 0


@pytest.mark.req("GEN-29")
async def test_a_key_makes_lifting_and_adding_safe_to_repeat(salon: Tenant) -> None:
    staff = salon.staff()
    request = pb.AddSuppressionRequest(address=ADDRESS, reason=MANUAL, idempotency_key="k")
    first = await staff.call(staff.suppressions.AddSuppression, request)
    assert await remove(staff, address=ADDRESS, idempotency_key="r") == 1
    again = await staff.call(staff.suppressions.AddSuppression, request)
    assert again.deduplicated
    assert again.suppression == first.suppression
    assert await remove(staff, address=ADDRESS, idempotency_key="r") == 1
    assert not await salon.consent.rows("SELECT FROM suppression")


@pytest.mark.req("CON-41")
async def test_lists_filter_and_page(salon: Tenant) -> None:
    staff = salon.staff()
    for number in range(5):
        await staff.suppress(f"p{number}@example.com", EMAIL, scope=ONLY_MARKETING)
    await staff.suppress("p0@example.com")

    async def listed(**changes: Any) -> pb.ListSuppressionsResponse:
        request = pb.ListSuppressionsRequest(**changes)
        return await staff.call(staff.suppressions.ListSuppressions, request)  # type: ignore[no-any-return]

    assert len((await listed()).suppressions) == 6
    assert len((await listed(scope=ONLY_MARKETING)).suppressions) == 5
    assert {one.channel for one in (await listed(address="P0@example.com")).suppressions} == {0, EMAIL}
    first = await listed(page_size=4)
    rest = await listed(page_size=4, page_token=first.next_page_token)
    ids = [one.suppression_id for one in (*first.suppressions, *rest.suppressions)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 6
    assert not rest.next_page_token


@pytest.mark.req("CON-42")
async def test_an_import_takes_good_rows_names_bad_ones_and_may_be_repeated(salon: Tenant) -> None:
    staff = salon.staff()
    rows = [
        pb.SuppressionImportRow(address="one@example.com", channel=EMAIL, reason=MANUAL),
        pb.SuppressionImportRow(address="nobody", channel=EMAIL, reason=MANUAL),
        pb.SuppressionImportRow(address="two@example.com", channel=EMAIL),
        pb.SuppressionImportRow(address="+4915112345678", reason=COMPLAINT),
        pb.SuppressionImportRow(address="ONE@example.com", channel=EMAIL, reason=MANUAL),
        pb.SuppressionImportRow(address="x@example.com", channel=5, scope=9, reason=MANUAL, detail="x" * 501),
    ]
    blocks = [pb.ImportSuppressionsRequest(block_number=number, rows=rows) for number in (1, 2)]
    first, second = await staff.stream(staff.suppressions.ImportSuppressions, blocks)
    assert (first.block_number, first.added_count, first.unchanged_count) == (1, 2, 1)
    assert (second.block_number, second.added_count, second.unchanged_count) == (2, 0, 3)
    assert first.errors == second.errors
    fields = {}
    for error in first.errors:
        bad = error_details_pb2.BadRequest()
        for detail in error.status.details:
            detail.Unpack(bad)
        fields[error.index] = {violation.field for violation in bad.field_violations}
    assert fields == {1: {"address"}, 2: {"reason"}, 5: {"channel", "scope", "detail"}}
    assert (await check(staff, "+4915112345678", WHATSAPP)).is_suppressed


@pytest.mark.req("SEC-25")
async def test_only_those_who_manage_suppression_may_add(salon: Tenant) -> None:
    for role in ("receptionist", "branch_manager"):
        with pytest.raises(ServiceError) as denied:
            await salon.staff(role).suppress(ADDRESS)
        assert denied.value.reason == "PERMISSION_DENIED"
    assert (await salon.staff("regional_manager").suppress(ADDRESS)).suppression_id


@pytest.mark.req("REL-16", "REL-23")
async def test_a_row_that_no_calendar_or_text_holds_is_a_bad_row_and_not_the_end_of_the_block(
    salon: Tenant,
) -> None:
    staff = salon.staff()
    rows = [
        pb.SuppressionImportRow(address=f"p{number}@example.com", channel=EMAIL, reason=MANUAL)
        for number in range(5)
    ]
    rows[0].expire_time.seconds = 2**62
    rows[1].expire_time.nanos = -1
    rows[2].detail = "a\0b"
    rows[3].address = "p3\0@example.com"
    [answer] = await staff.stream(
        staff.suppressions.ImportSuppressions, [pb.ImportSuppressionsRequest(block_number=1, rows=rows)]
    )
    assert [one.index for one in answer.errors] == [0, 1, 2, 3]
    assert answer.added_count == 1
