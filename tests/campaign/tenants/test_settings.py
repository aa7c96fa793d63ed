"""Tenants and their settings."""

from collections.abc import Callable, Iterable

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import campaign_events_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.tables import META
from services.common.db.testing import assert_migrations_equal_metadata, unguarded_tables
from services.common.errors import ServiceError
from tests.campaign.conftest import create_tenant
from tests.house import Served


@pytest.mark.req("CAM-1", "CAM-19")
async def test_a_tenant_is_made_once_with_its_settings_and_one_event_of_each(campaign: Served) -> None:
    again = await create_tenant(campaign)
    assert again.deduplicated
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT type, envelope FROM outbox ORDER BY id")
    assert [kind for kind, _ in rows] == ["tenant.created", "marketing_settings.updated"]
    payload = campaign_events_pb2.MarketingSettingsUpdated()
    assert EventEnvelope.FromString(rows[1][1]).payload.Unpack(payload)
    assert payload.tenant.default_time_zone == "Europe/Berlin"


@pytest.mark.req("CAM-22", "GEN-28")
async def test_settings_change_by_mask_and_a_stale_etag_is_refused(campaign: Served) -> None:
    stub = campaign.person(SettingsServiceStub)
    read = (await stub.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    wanted = pb.MarketingSettings(daily_message_limit_per_contact=3, etag=read.etag, footer_text="ignored")
    mask = FieldMask(paths=["daily_message_limit_per_contact"])
    changed = await stub.UpdateMarketingSettings(
        pb.UpdateMarketingSettingsRequest(settings=wanted, update_mask=mask)
    )
    assert (changed.settings.daily_message_limit_per_contact, changed.settings.footer_text) == (3, "")
    with pytest.raises(ServiceError) as refused:
        await stub.UpdateMarketingSettings(
            pb.UpdateMarketingSettingsRequest(settings=wanted, update_mask=mask)
        )
    assert refused.value.reason == "VERSION_CONFLICT"


@pytest.mark.req("SEC-19", "CAM-22")
async def test_everything_wrong_with_settings_is_told_at_once_and_nothing_is_written(
    campaign: Served,
) -> None:
    stub = campaign.person(SettingsServiceStub)
    read = (await stub.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    wrong = pb.MarketingSettings(
        send_window_start="25:00", primary_color="#123456", sms_window_end="23:00", etag=read.etag
    )
    mask = FieldMask(paths=["send_window_start", "primary_color", "sms_window_end"])
    with pytest.raises(ServiceError) as refused:
        await stub.UpdateMarketingSettings(
            pb.UpdateMarketingSettingsRequest(settings=wrong, update_mask=mask)
        )
    fields = {violation.field for violation in refused.value.violations}
    assert fields == {"settings.send_window_start", "settings.sms_window_start"}
    after = (await stub.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    assert after == read


@pytest.mark.req("GEN-8", "GEN-10")
def test_migrations_make_the_tables_that_queries_name(clone_database: Callable[[Iterable[str]], str]) -> None:
    url = clone_database(["campaign"])
    assert_migrations_equal_metadata(url, META)
    assert unguarded_tables(url, "campaign") == []
