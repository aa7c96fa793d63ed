"""Marketing settings: every field with its default and its rule."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.type.money_pb2 import Money

from angarium.campaign.v1 import campaign_events_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1 import audit_pb2
from angarium.common.v1.audit_pb2_grpc import AuditServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.tables import META
from services.campaign.tenants.domain import Hours, MarketingSettings, contradictions, problems
from services.common.db.testing import assert_migrations_equal_metadata, unguarded_tables
from services.common.errors import ServiceError
from tests.house import Served

EMAIL, SMS, WHATSAPP, PUSH, IN_APP, WEBHOOK = range(1, 7)
LEGAL = Hours("08:00", "21:00")
EMPTY = UUID(int=1)


async def read(served: Served) -> pb.MarketingSettings:
    stub = served.person(SettingsServiceStub)
    return (await stub.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings


async def change(served: Served, *roles: str, etag: str = "", **fields: Any) -> pb.MarketingSettings:
    stub = served.person(SettingsServiceStub, *roles)
    given = {name: value for name, value in fields.items() if value is not None}
    answer = await stub.UpdateMarketingSettings(
        pb.UpdateMarketingSettingsRequest(
            settings=pb.MarketingSettings(**given, etag=etag or (await read(served)).etag),
            update_mask=FieldMask(paths=list(fields)),
        )
    )
    return answer.settings


async def refused(served: Served, **fields: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await change(served, **fields)
    return caught.value


@pytest.mark.req("CAM-2", "CAM-21")
async def test_a_new_tenant_has_the_defaults_of_every_field(campaign: Served) -> None:
    found = await read(campaign)
    assert found == pb.MarketingSettings(
        marketing_enabled=True,
        enabled_channels=[SMS, WHATSAPP, IN_APP, WEBHOOK],
        send_window_start="09:00",
        send_window_end="21:00",
        sms_window_start="08:00",
        sms_window_end="21:00",
        daily_message_limit_per_contact=2,
        weekly_message_limit_per_contact=5,
        budget_alert_threshold_percent=80,
        campaign_approval_required=True,
        campaign_approval_threshold_recipients=100,
        double_opt_in_channels=[EMAIL],
        dnd_channels=[SMS],
        tracking_enabled=True,
        sms_fallback_enabled=True,
        etag="1",
    )


@pytest.mark.req("CAM-2")
async def test_a_tenant_whose_settings_are_missing_gets_them_with_their_defaults(campaign: Served) -> None:
    before = await read(campaign)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await uow.execute("DELETE FROM marketing_settings")
    assert await read(campaign) == before


@pytest.mark.req("CAM-2")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("marketing_enabled", False),
        ("enabled_channels", [EMAIL, PUSH]),
        ("blocked_channels", [SMS]),
        ("email_from_address", "letters@bazaar.example"),
        ("email_from_name", "Bazaar"),
        ("reply_to_address", "help@bazaar.example"),
        ("send_window_start", "10:00"),
        ("send_window_end", "20:30"),
        ("sms_window_start", "09:15"),
        ("sms_window_end", "20:45"),
        ("daily_message_limit_per_contact", 0),
        ("weekly_message_limit_per_contact", 9),
        ("monthly_budget_limit", Money(currency_code="EUR", units=500)),
        ("budget_alert_threshold_percent", 100),
        ("campaign_approval_required", False),
        ("campaign_approval_threshold_recipients", 0),
        ("allow_self_approval", True),
        ("double_opt_in_channels", [EMAIL, SMS]),
        ("consent_validity_days", 365),
        ("dnd_channels", []),
        ("dnd_registries", ["ncpr"]),
        ("logo_url", "https://bazaar.example/logo.png"),
        ("primary_color", "#00aaFF"),
        ("footer_text", "Bazaar"),
        ("postal_address", "Lindenallee 1, Berlin"),
        ("tracking_enabled", False),
        ("sms_fallback_enabled", False),
        ("pass_terms", "Not transferable"),
        ("daily_email_limit", 1000),
        ("daily_sms_limit", 100),
        ("monthly_email_limit", 10_000),
        ("monthly_sms_limit", 1000),
        ("amp_enabled", True),
        ("whatsapp_provider", "gupshup"),
        ("whatsapp_business_number", "+4915112345678"),
        ("whatsapp_business_id", "1029384756"),
        ("sms_provider", "aws_sns"),
        ("sms_sender_id", "BAZAAR"),
        ("sms_callback_number", "+493012345678"),
        ("email_provider", "ses"),
    ],
)
def test_each_field_takes_what_its_rule_allows(name: str, value: Any) -> None:
    from services.campaign.tenants import convert
    from services.campaign.tenants.domain import Tenant

    owner = Tenant(EMPTY, "Bazaar", "EUR", "DE", "Europe/Berlin", "en")
    message = pb.MarketingSettings(**{name: value})
    changed = convert.merged(MarketingSettings(), message, [name], owner)
    assert changed != MarketingSettings()
    assert list(problems(changed)) == []
    shown = convert.settings_to_proto(changed, "EUR")
    assert getattr(shown, name) == getattr(message, name)


@pytest.mark.req("CAM-2")
def test_every_field_of_the_contract_is_tried_above() -> None:
    tried = {name for name, _ in test_each_field_takes_what_its_rule_allows.pytestmark[0].args[1]}
    assert tried | {"quiet_hours_start", "quiet_hours_end", "etag"} == set(
        pb.MarketingSettings.DESCRIPTOR.fields_by_name
    )


@pytest.mark.req("CAM-2")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"send_window_start": "24:00"}, "send_window_start"),
        ({"send_window_end": "9:00"}, "send_window_end"),
        ({"sms_window_end": ""}, "sms_window_end"),
        ({"quiet_hours_start": "x"}, "quiet_hours_start"),
        ({"enabled_channels": (9,)}, "enabled_channels"),
        ({"blocked_channels": (1, 1)}, "blocked_channels"),
        ({"double_opt_in_channels": (0,)}, "double_opt_in_channels"),
        ({"dnd_channels": (2, 2)}, "dnd_channels"),
        ({"dnd_registries": ("a", "a")}, "dnd_registries"),
        ({"dnd_registries": ("No good",)}, "dnd_registries"),
        ({"logo_url": "http://bazaar.example/logo.png"}, "logo_url"),
        ({"primary_color": "#12345"}, "primary_color"),
        ({"budget_alert_threshold_percent": 0}, "budget_alert_threshold_percent"),
        ({"budget_alert_threshold_percent": 101}, "budget_alert_threshold_percent"),
        ({"whatsapp_provider": "sendgrid"}, "whatsapp_provider"),
        ({"sms_provider": "smtp"}, "sms_provider"),
        ({"email_provider": "twilio"}, "email_provider"),
        ({"sms_sender_id": "much too long a name"}, "sms_sender_id"),
    ],
)
def test_what_a_field_cannot_be_is_told_by_its_name(changes: dict[str, Any], field: str) -> None:
    assert {name for name, _ in problems(replace(MarketingSettings(), **changes))} == {field}


@pytest.mark.req("CAM-2", "SEC-55")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekly_message_limit_per_contact": 1}, "weekly_message_limit_per_contact"),
        ({"quiet_hours_start": "22:00"}, "quiet_hours_end"),
        ({"sms_window_start": "07:59"}, "sms_window_start"),
        ({"sms_window_end": "21:01"}, "sms_window_start"),
        ({"sms_window_start": "20:00", "sms_window_end": "10:00"}, "sms_window_start"),
        # A window that ends where it begins is no window: it would be the widest of all.
        ({"sms_window_start": "09:00", "sms_window_end": "09:00"}, "sms_window_start"),
        ({"daily_email_limit": 10, "monthly_email_limit": 9}, "monthly_email_limit"),
    ],
)
def test_what_contradicts_itself_or_the_law_is_told_apart(changes: dict[str, Any], field: str) -> None:
    changed = replace(MarketingSettings(), **changes)
    assert list(problems(changed)) == []
    assert {name for name, _ in contradictions(changed, LEGAL)} == {field}


@pytest.mark.req("CAM-2")
def test_texts_may_leave_in_narrower_hours_and_never_in_wider_ones_than_the_deployments() -> None:
    narrow = Hours.of(9, 20)
    assert list(contradictions(replace(MarketingSettings(), sms_window_start="09:30"), narrow))
    fits = replace(MarketingSettings(), sms_window_start="09:30", sms_window_end="19:00")
    assert not list(contradictions(fits, narrow))
    assert not list(contradictions(fits, Hours.of(0, 24)))


@pytest.mark.req("CAM-22", "GEN-28")
async def test_settings_change_by_mask_and_a_stale_etag_is_refused(campaign: Served) -> None:
    first = await read(campaign)
    changed = await change(campaign, daily_message_limit_per_contact=3)
    assert (changed.daily_message_limit_per_contact, changed.footer_text) == (3, "")
    with pytest.raises(ServiceError) as stale:
        await change(campaign, daily_message_limit_per_contact=4, etag=first.etag)
    assert stale.value.reason == "VERSION_CONFLICT"
    assert (await refused(campaign, nothing=None)).reason == "VALIDATION_FAILED"
    assert (await change(campaign, daily_message_limit_per_contact=3)).etag == changed.etag


@pytest.mark.req("CAM-22", "GEN-31", "SEC-55")
async def test_everything_wrong_with_settings_is_told_at_once_and_nothing_is_written(
    campaign: Served,
) -> None:
    before = await read(campaign)
    wrong = await refused(
        campaign, send_window_start="25:00", primary_color="#123456", sms_window_end="23:00"
    )
    assert wrong.reason == "VALIDATION_FAILED"
    fields = {violation.field for violation in wrong.violations}
    assert fields == {"settings.send_window_start", "settings.sms_window_start"}
    contradicting = await refused(campaign, sms_window_end="23:00")
    assert (contradicting.reason, contradicting.code) == ("INVALID_CONFIGURATION", "MARKETING_004")
    assert await read(campaign) == before


@pytest.mark.req("CAM-2", "GEN-17", "GEN-20")
async def test_addresses_numbers_and_budgets_are_read_as_what_they_are(campaign: Served) -> None:
    for field, value in (
        ("email_from_address", "nobody"),
        ("reply_to_address", "a@b@c"),
        ("whatsapp_business_number", "12"),
        ("sms_callback_number", "call me"),
        ("monthly_budget_limit", Money(currency_code="USD", units=5)),
        ("monthly_budget_limit", Money(currency_code="EUR", units=-5)),
        ("monthly_budget_limit", Money(currency_code="EUR", nanos=1_000_000)),
        ("monthly_budget_limit", Money(currency_code="EUR", units=10**13)),
    ):
        error = await refused(campaign, **{field: value})
        assert [one.field for one in error.violations] == [f"settings.{field}"], field
    changed = await change(campaign, sms_callback_number="030 1234567")
    assert changed.sms_callback_number == "+49301234567"
    assert (await change(campaign, monthly_budget_limit=Money(currency_code="EUR", units=5))).HasField(
        "monthly_budget_limit"
    )
    assert not (await change(campaign, monthly_budget_limit=None)).HasField("monthly_budget_limit")


@pytest.mark.req("CAM-115")
@pytest.mark.parametrize(
    "path", ["sms_api_key", "whatsapp_auth_token", "email_secret", "smtp_password", "webhook_url"]
)
async def test_keys_of_providers_are_no_settings(campaign: Served, path: str) -> None:
    error = await refused(campaign, **{path: None})
    assert (error.reason, error.code) == ("INVALID_CONFIGURATION", "MARKETING_004")


@pytest.mark.req("SEC-19", "SEC-20", "SEC-21", "CAM-22")
async def test_who_may_change_settings_who_may_read_them_and_who_may_set_budgets(campaign: Served) -> None:
    from services.campaign.tenants import handlers

    await change(campaign, "super_owner", budget_alert_threshold_percent=70)
    for role in ("receptionist", "branch_manager", "regional_manager", "platform_admin"):
        with pytest.raises(ServiceError) as denied:
            await change(campaign, role, footer_text="x")
        assert denied.value.reason == "PERMISSION_DENIED"
    for role in ("branch_manager", "regional_manager"):
        await campaign.person(SettingsServiceStub, role).GetMarketingSettings(
            pb.GetMarketingSettingsRequest()
        )
    with pytest.raises(ServiceError):
        await campaign.person(SettingsServiceStub, "receptionist").GetMarketingSettings(
            pb.GetMarketingSettingsRequest()
        )
    # Who may change settings and no budgets changes none of the fields that are about money and volume.
    for name in (
        "monthly_budget_limit",
        "budget_alert_threshold_percent",
        "daily_email_limit",
        "monthly_sms_limit",
    ):
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            with pytest.raises(ServiceError) as refused_budget:
                await handlers.update_settings(uow, pb.MarketingSettings(), [name], LEGAL, may_budget=False)
            assert refused_budget.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("CAM-22", "EVT-116", "GEN-34")
async def test_a_change_is_told_with_its_fields_and_audited_with_before_and_after(campaign: Served) -> None:
    await change(campaign, footer_text="Bazaar", daily_message_limit_per_contact=2)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", (KIND,))
    payload = campaign_events_pb2.MarketingSettingsUpdated()
    assert EventEnvelope.FromString(rows[-1][0]).payload.Unpack(payload)
    assert list(payload.changed_fields) == ["footer_text"]
    assert payload.tenant.default_time_zone == "Europe/Berlin"
    audit = campaign.person(AuditServiceStub)
    found = await audit.ListAuditEntries(audit_pb2.ListAuditEntriesRequest(action="settings.update"))
    entry = found.audit_entries[0]
    assert (entry.actor, entry.resource_type) == ("anna", "marketing_settings")
    assert "Bazaar" in str(entry.after)


KIND = "marketing_settings.updated"


@pytest.mark.req("GEN-8", "GEN-10")
def test_migrations_make_the_tables_that_queries_name(clone_database: Callable[[Iterable[str]], str]) -> None:
    url = clone_database(["campaign"])
    assert_migrations_equal_metadata(url, META)
    assert unguarded_tables(url, "campaign") == []
