"""PreferenceService: what a contact says is read with its defaults, changed field by field, and proved by its history."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict

from angarium.common.v1 import enums_pb2 as common
from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.consent.decisions.facts import DEFAULT_CAPS, Facts
from services.consent.preferences.domain import DEFAULTS
from tests.consent.kit import EMAIL, PUSH, SMS, WHATSAPP, Calls, Tenant
from tests.consent.preferring import (
    DAILY,
    IN_APP,
    MARKETING_GROUP,
    PAYMENT_GROUP,
    WEEKLY,
    cell,
    channel,
    get,
    grid,
    history,
    set_cells,
    switch,
    update,
)


async def refused(call: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value


def named(error: ServiceError) -> list[str]:
    return [violation.field for violation in error.violations]


@pytest.mark.req("CON-3", "CON-4", "CON-28", "CON-118", "CON-127")
async def test_reading_creates_nothing_and_shows_the_defaults(salon: Tenant) -> None:
    contact = await salon.contact()
    found = await get(salon, contact)
    assert {one.channel: (one.is_enabled, one.frequency) for one in found.channels} == dict.fromkeys(
        (EMAIL, SMS, WHATSAPP, PUSH, IN_APP), (True, pb.FREQUENCY_IMMEDIATE)
    )
    assert not found.sms_critical_only
    assert found.preferred_channel == WHATSAPP
    assert (found.language_code, found.time_zone) == ("", "")
    assert found.quiet_hours == pb.QuietHours(is_enabled=False, start="22:00", end="08:00")
    assert found.digest_time == "09:00"
    assert (found.max_emails_per_day, found.max_sms_per_day) == (10, 5)
    assert (found.marketing_opted_out, found.is_dnd, found.etag) == (False, False, "0")
    assert not found.HasField("update_time")
    off = {(one.group, one.channel) for one in found.categories if not one.is_enabled}
    assert len(found.categories) == 25
    assert all(one.is_default for one in found.categories)
    assert off == {(MARKETING_GROUP, SMS), (MARKETING_GROUP, PUSH)}
    for table in ("preference", "category_preference", "preference_history", "outbox"):
        assert await salon.consent.rows(f"SELECT FROM {table}") == []


@pytest.mark.req("CON-3", "CON-116")
async def test_a_row_made_by_something_else_says_the_same_as_no_row(salon: Tenant) -> None:
    contact = await salon.contact()
    before = await get(salon, contact)
    async with salon.consent.database.tenant(salon.tenant_id) as uow:
        now = uow.now()
        await uow.execute(
            "INSERT INTO preference (tenant_id, contact_id, created_at, updated_at) VALUES (%s, %s, %s, %s)",
            (salon.tenant_id, contact, now, now),
        )
    after = await get(salon, contact)
    assert after.etag == "1"
    after.etag, before.etag = "", ""
    after.ClearField("update_time")
    assert after == before
    facts = Facts()
    assert (facts.digest_time, facts.channel_on, facts.frequency) == (
        DEFAULTS["digest_time"],
        DEFAULTS["email.is_enabled"],
        DEFAULTS["email.frequency"],
    )
    assert {"email": DEFAULTS["max_emails_per_day"], "sms": DEFAULTS["max_sms_per_day"]} == DEFAULT_CAPS


@pytest.mark.req("CON-29", "CON-119", "GEN-27", "EVT-113")
async def test_an_update_changes_what_its_mask_names_and_zero_false_and_empty_are_values(
    salon: Tenant,
) -> None:
    contact = await salon.contact()
    found = await update(
        salon,
        contact,
        "channels,quiet_hours,language_code,time_zone,max_emails_per_day,digest_time,preferred_channel",
        channels=[channel(SMS, on=False), channel(EMAIL, often=WEEKLY)],
        quiet_hours=pb.QuietHours(is_enabled=True, start="21:30", end="07:15"),
        language_code="pt_br",
        time_zone="America/Sao_Paulo",
        max_emails_per_day=0,
        max_sms_per_day=99,
        digest_time="18:00",
        preferred_channel=EMAIL,
    )
    assert found.etag == "1"
    by_channel = {one.channel: one for one in found.channels}
    assert not by_channel[SMS].is_enabled
    assert by_channel[EMAIL].frequency == WEEKLY
    assert by_channel[WHATSAPP].is_enabled
    assert (found.max_emails_per_day, found.max_sms_per_day) == (0, 5)
    assert (found.language_code, found.time_zone) == ("pt-BR", "America/Sao_Paulo")
    # One part of a nested field leaves its other parts alone.
    found = await update(salon, contact, "quiet_hours.start", quiet_hours=pb.QuietHours(start="23:00"))
    assert found.quiet_hours == pb.QuietHours(is_enabled=True, start="23:00", end="07:15")
    found = await update(
        salon, contact, "quiet_hours.is_enabled,max_emails_per_day,language_code,digest_time,channels"
    )
    assert found.quiet_hours == pb.QuietHours(is_enabled=False, start="23:00", end="07:15")
    assert not found.HasField("max_emails_per_day")
    assert (found.language_code, found.digest_time) == ("", "09:00")
    assert all(one.is_enabled and one.frequency == pb.FREQUENCY_IMMEDIATE for one in found.channels)
    assert found == await get(salon, contact)
    events = await salon.consent.rows("SELECT aggregate_id FROM outbox WHERE type = 'preferences.updated'")
    assert events == [(str(contact),)] * 3


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("channels", {"channels": [channel(0)]}, "preferences.channels[0].channel"),
    ("channels", {"channels": [channel(6)]}, "preferences.channels[0].channel"),
    ("channels", {"channels": [channel(77)]}, "preferences.channels[0].channel"),
    ("channels", {"channels": [channel(EMAIL), channel(EMAIL)]}, "preferences.channels[1].channel"),
    ("channels", {"channels": [channel(EMAIL, often=9)]}, "preferences.channels[0].frequency"),
    ("channels", {"channels": [channel(IN_APP, often=DAILY)]}, "preferences.channels[0].frequency"),
    ("preferred_channel", {"preferred_channel": 6}, "preferences.preferred_channel"),
    ("preferred_channel", {"preferred_channel": 99}, "preferences.preferred_channel"),
    ("language_code", {"language_code": "tlh"}, "preferences.language_code"),
    ("language_code", {"language_code": "de-"}, "preferences.language_code"),
    ("language_code", {"language_code": "de-x'"}, "preferences.language_code"),
    ("language_code", {"language_code": "e" * 99}, "preferences.language_code"),
    ("time_zone", {"time_zone": "Mars/Olympus"}, "preferences.time_zone"),
    ("time_zone", {"time_zone": "../etc/passwd"}, "preferences.time_zone"),
    ("quiet_hours", {"quiet_hours": pb.QuietHours(start="24:00")}, "preferences.quiet_hours.start"),
    ("quiet_hours", {"quiet_hours": pb.QuietHours(end="8:00")}, "preferences.quiet_hours.end"),
    ("digest_time", {"digest_time": "09:60"}, "preferences.digest_time"),
    ("digest_time", {"digest_time": "nine"}, "preferences.digest_time"),
    ("max_emails_per_day", {"max_emails_per_day": -1}, "preferences.max_emails_per_day"),
    ("max_emails_per_day", {"max_emails_per_day": 1001}, "preferences.max_emails_per_day"),
    ("max_sms_per_day", {"max_sms_per_day": 1001}, "preferences.max_sms_per_day"),
    ("", {"language_code": "de"}, "update_mask"),
    ("categories", {}, "update_mask"),
    ("is_dnd", {}, "update_mask"),
    ("marketing_opted_out", {}, "update_mask"),
    ("contact_id", {}, "update_mask"),
    ("quiet_hours.zone", {}, "update_mask"),
]


@pytest.mark.req("CON-94", "GEN-27", "GEN-31")
async def test_a_bad_field_is_named_and_nothing_is_written(salon: Tenant) -> None:
    contact = await salon.contact()
    for mask, fields, place in BAD:
        error = await refused(update(salon, contact, mask, etag="0", **fields))
        assert (error.reason, error.code) == ("VALIDATION_FAILED", "MARKETING_063")
        assert named(error) == [place], (mask, fields)
    assert await salon.consent.rows("SELECT FROM preference") == []


@pytest.mark.req("CON-94")
async def test_all_bad_fields_are_named_together(salon: Tenant) -> None:
    contact = await salon.contact()
    error = await refused(
        update(
            salon,
            contact,
            "channels,time_zone,language_code",
            channels=[channel(IN_APP, often=DAILY)],
            time_zone="Nowhere",
            language_code="xx",
        )
    )
    assert sorted(named(error)) == [
        "preferences.channels[0].frequency",
        "preferences.language_code",
        "preferences.time_zone",
    ]


BAD_CELLS: list[tuple[dict[str, Any], str]] = [
    ({"channel": EMAIL}, "categories[0].target"),
    ({"category": 0, "channel": EMAIL}, "categories[0].category"),
    ({"category": 99, "channel": EMAIL}, "categories[0].category"),
    ({"group": 99, "channel": EMAIL}, "categories[0].group"),
    ({"group": MARKETING_GROUP}, "categories[0].channel"),
    ({"group": MARKETING_GROUP, "channel": 6}, "categories[0].channel"),
    ({"group": MARKETING_GROUP, "channel": 99}, "categories[0].channel"),
    ({"group": MARKETING_GROUP, "channel": EMAIL, "frequency": 9}, "categories[0].frequency"),
    ({"group": MARKETING_GROUP, "channel": IN_APP, "frequency": DAILY}, "categories[0].frequency"),
    (
        {"category": common.CATEGORY_STAFF_ALERT, "channel": EMAIL, "is_enabled": True},
        "categories[0].category",
    ),
    ({"category": common.CATEGORY_ACCOUNT_SECURITY, "channel": EMAIL}, "categories[0].is_enabled"),
    ({"category": common.CATEGORY_URGENT, "channel": SMS}, "categories[0].is_enabled"),
    ({"category": common.CATEGORY_PRIVACY, "channel": PUSH}, "categories[0].is_enabled"),
    ({"category": common.CATEGORY_PAYMENT_FAILED, "channel": EMAIL}, "categories[0].is_enabled"),
]


@pytest.mark.req("CON-94", "CON-102", "CON-30")
async def test_a_bad_cell_is_named_and_what_nobody_can_switch_off_stays_on(salon: Tenant) -> None:
    contact = await salon.contact()
    for fields, place in BAD_CELLS:
        error = await refused(set_cells(salon, contact, pb.CategoryPreference(**fields)))
        assert (error.reason, error.code) == ("VALIDATION_FAILED", "MARKETING_063")
        assert place in named(error), fields
    assert await salon.consent.rows("SELECT FROM category_preference") == []


@pytest.mark.req("CON-30", "CON-4")
async def test_naming_cells_replaces_them_and_leaves_the_others(salon: Tenant) -> None:
    contact = await salon.contact()
    await set_cells(
        salon,
        contact,
        cell(MARKETING_GROUP, EMAIL, on=False),
        cell(MARKETING_GROUP, SMS),
        cell(common.CATEGORY_NEWSLETTER, EMAIL, often=WEEKLY, single=True),
        cell(PAYMENT_GROUP, SMS, on=False),
        # The group and the category of the same name are two cells.
        cell(common.CATEGORY_PAYMENT, SMS, single=True),
    )
    found = await set_cells(salon, contact, cell(MARKETING_GROUP, SMS, on=False, often=DAILY))
    said = {key: one for key, one in grid(found).items() if not one.is_default}
    assert {key: (one.is_enabled, one.frequency) for key, one in said.items()} == {
        ("marketing", EMAIL): (False, 0),
        ("marketing", SMS): (False, DAILY),
        ("CATEGORY_NEWSLETTER", EMAIL): (True, WEEKLY),
        ("payment", SMS): (False, 0),
        ("CATEGORY_PAYMENT", SMS): (True, 0),
    }
    twice = await refused(
        set_cells(salon, contact, cell(MARKETING_GROUP, SMS), cell(MARKETING_GROUP, SMS, on=False))
    )
    assert named(twice) == ["categories[1].group"]


@pytest.mark.req("CON-5", "CON-33", "CON-120")
async def test_the_history_holds_real_differences_with_who_and_why(salon: Tenant) -> None:
    contact = await salon.contact()
    await update(
        salon,
        contact,
        "time_zone,sms_critical_only,digest_time",
        time_zone="Asia/Kolkata",
        digest_time="09:00",
        changed_by="the contact, by telephone",
        reason="moved",
    )
    await update(salon, contact, "time_zone,sms_critical_only", time_zone="Asia/Kolkata")
    await set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL))
    await set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL))
    await set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL, on=False, often=WEEKLY))
    newest, oldest = await history(salon, contact)
    assert (oldest.changed_by, oldest.reason, oldest.source) == (
        "the contact, by telephone",
        "moved",
        "api",
    )
    assert MessageToDict(oldest)["changes"] == [{"field": "time_zone", "newValue": "Asia/Kolkata"}]
    assert newest.changed_by == "anna"
    assert MessageToDict(newest)["changes"] == [
        {"field": "category.marketing.email", "oldValue": True, "newValue": False},
        {"field": "category.marketing.email.frequency", "newValue": "weekly"},
    ]
    events = await salon.consent.rows("SELECT FROM outbox WHERE type = 'preferences.updated'")
    assert len(events) == 2


@pytest.mark.req("CON-33")
async def test_the_history_is_paged_newest_first(salon: Tenant) -> None:
    contact = await salon.contact()
    for cap in range(1, 8):
        await update(salon, contact, "max_sms_per_day", max_sms_per_day=100 + cap)
    calls = salon.staff()
    seen, token = [], ""
    while True:
        page = await calls.call(
            calls.preferences.ListPreferenceHistory,
            pb.ListPreferenceHistoryRequest(contact_id=str(contact), page_size=3, page_token=token),
        )
        seen += [one.changes[0].new_value.number_value for one in page.changes]
        token = page.next_page_token
        if not token:
            break
    assert seen == [107, 106, 105, 104, 103, 102, 101]
    assert await history(salon, await salon.contact()) == []


@pytest.mark.req("CON-29", "GEN-28")
async def test_an_update_must_name_the_state_it_read(salon: Tenant) -> None:
    contact = await salon.contact()
    await update(salon, contact, "sms_critical_only", sms_critical_only=True, etag="0")
    for stale in ("0", "", "2", "x"):
        error = await refused(update(salon, contact, "time_zone", time_zone="Asia/Tokyo", etag=stale))
        assert error.reason == "VERSION_CONFLICT"
    await update(salon, contact, "time_zone", time_zone="Asia/Tokyo", etag="1")
    # Cells are part of what was read.
    await set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL, on=False))
    error = await refused(update(salon, contact, "time_zone", etag="2"))
    assert error.reason == "VERSION_CONFLICT"


@pytest.mark.req("CON-29", "CON-30", "GEN-29")
async def test_a_repeat_with_its_key_gives_the_first_answer_again(salon: Tenant) -> None:
    contact = await salon.contact()
    calls = salon.staff()
    request = pb.UpdatePreferencesRequest(
        preferences=pb.Preferences(contact_id=str(contact), time_zone="Asia/Tokyo", etag="0"),
        update_mask=FieldMask(paths=["time_zone"]),
        idempotency_key="k1",
    )
    first = await calls.call(calls.preferences.UpdatePreferences, request)
    again = await calls.call(calls.preferences.UpdatePreferences, request)
    assert (first.deduplicated, again.deduplicated) == (False, True)
    assert again.preferences == first.preferences
    request.preferences.time_zone = "Asia/Seoul"
    error = await refused(calls.call(calls.preferences.UpdatePreferences, request))
    assert error.reason == "IDEMPOTENCY_CONFLICT"
    cells = pb.SetCategoryPreferencesRequest(
        contact_id=str(contact), categories=[cell(MARKETING_GROUP, EMAIL, on=False)], idempotency_key="k1"
    )
    assert not (await calls.call(calls.preferences.SetCategoryPreferences, cells)).deduplicated
    assert (await calls.call(calls.preferences.SetCategoryPreferences, cells)).deduplicated
    assert len(await history(salon, contact)) == 2


@pytest.mark.req("CON-99", "CON-14")
async def test_an_unknown_or_erased_contact_has_no_preferences(salon: Tenant) -> None:
    erased = await salon.contact(state="erased")
    for contact, reason in ((uuid7(), "NOT_FOUND"), (erased, "CONTACT_ERASED")):
        for call in (
            get(salon, contact),
            update(salon, contact, "time_zone", etag="0"),
            set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL)),
            switch(salon, contact, EMAIL, on=True),
            switch(salon, contact, EMAIL, on=False),
        ):
            assert (await refused(call)).reason == reason
    assert await salon.consent.rows("SELECT FROM preference") == []


@pytest.mark.req("SEC-4", "SEC-6", "SEC-43")
async def test_a_contact_reaches_its_own_preferences_only(salon: Tenant) -> None:
    own, other = await salon.contact(), await salon.contact()
    calls = salon.as_contact(own)
    for contact in (other, uuid4()):
        for call in (
            get(salon, contact, calls),
            update(salon, contact, "time_zone", etag="0", calls=calls),
            set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL), calls=calls),
            switch(salon, contact, EMAIL, on=True, calls=calls),
            switch(salon, contact, EMAIL, on=False, calls=calls),
            history(salon, contact, calls),
            calls.call(
                calls.preferences.RevokeLinks, pb.RevokeLinksRequest(contact_id=str(contact), reason="x")
            ),
        ):
            error = await refused(call)
            # Whether there is such a contact does not show.
            assert (error.reason, error.message) == ("NOT_FOUND", "contact not found")
    await update(salon, own, "time_zone", time_zone="Asia/Tokyo", changed_by="somebody else", calls=calls)
    assert [one.changed_by for one in await history(salon, own, calls)] == ["contact"]
    assert (await get(salon, own, calls)).time_zone == "Asia/Tokyo"
    # A receptionist may record that somebody wants to hear less, never that somebody wants more.
    desk = salon.staff("receptionist")
    await switch(salon, own, EMAIL, on=False, calls=desk)
    assert (await refused(switch(salon, own, EMAIL, on=True, calls=desk))).reason == "PERMISSION_DENIED"
    stranger = Tenant(salon.consent)
    assert (await refused(get(salon, own, stranger.staff()))).reason == "NOT_FOUND"


@pytest.mark.req("CON-29", "CON-118", "GEN-28")
async def test_of_many_first_updates_at_once_one_wins_and_the_others_learn_of_it(salon: Tenant) -> None:
    contact = await salon.contact()
    callers: list[Calls] = [salon.staff() for _ in range(8)]
    answers = await asyncio.gather(
        *(
            update(salon, contact, "max_sms_per_day", max_sms_per_day=place, etag="0", calls=calls)
            for place, calls in enumerate(callers, 100)
        ),
        return_exceptions=True,
    )
    won = [one for one in answers if isinstance(one, pb.Preferences)]
    lost = [one.reason for one in answers if isinstance(one, ServiceError)]
    assert (len(won), lost) == (1, ["VERSION_CONFLICT"] * 7)
    assert await get(salon, contact) == won[0]
    assert len(await history(salon, contact)) == 1


@pytest.mark.req("CON-117", "GEN-39")
async def test_a_change_holds_for_the_next_decision(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    assert await said_of(salon, contact) == "allow"
    await set_cells(salon, contact, cell(MARKETING_GROUP, EMAIL, on=False))
    assert await said_of(salon, contact) == "category_off"
    await set_cells(salon, contact, cell(common.CATEGORY_OFFER, EMAIL, single=True))
    assert await said_of(salon, contact) == "allow"
    await update(salon, contact, "channels", channels=[channel(EMAIL, on=False)])
    assert await said_of(salon, contact) == "channel_off"


async def said_of(tenant: Tenant, contact: UUID) -> str:
    from tests.consent.kit import reason

    return reason(await tenant.decide(contact))


@pytest.mark.req("DEL-58")
async def test_delivery_learns_the_channels_a_list_of_contacts_prefers(salon: Tenant) -> None:
    said, silent = await salon.contact(), await salon.contact()
    await update(salon, said, "preferred_channel", preferred_channel=SMS)
    request = pb.ResolvePreferredChannelsRequest(contact_ids=[str(silent), str(said), str(uuid4())])
    calls = salon.service("delivery")
    answer = await calls.call(calls.preferences.ResolvePreferredChannels, request)
    assert list(answer.channels) == [WHATSAPP, SMS, WHATSAPP]
    staff = salon.staff()
    assert (await refused(staff.call(staff.preferences.ResolvePreferredChannels, request))).reason == (
        "PERMISSION_DENIED"
    )
