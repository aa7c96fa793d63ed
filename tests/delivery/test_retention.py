"""What was written to people goes when DATA_RETENTION_DAYS are over; that they were written to stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.delivery import retention
from tests.delivery.kit import House, now


@pytest.mark.req("GEN-47", "JOB-38", "JOB-41")
@pytest.mark.parametrize(("days", "is_kept"), [(30, False), (365, True)])
async def test_contents_of_messages_are_kept_as_long_as_the_setting_says(
    house: House, days: int, is_kept: bool
) -> None:
    for table in ("message_content", "message"):
        await house.rows(f"SELECT add_month_partitions('{table}', now() - interval '4 months', 1)")
    before = await months(house, "message_content"), await months(house, "message")
    settings = house.settings.model_copy(update={"data_retention_days": days})
    for step in retention.steps(settings.content_kept):
        async with house.service.database.system() as uow:
            await step(uow, now(), 500)
    dropped = before[0] - await months(house, "message_content")
    assert (not dropped) is is_kept
    assert await months(house, "message") == before[1]


@pytest.mark.req("GEN-47", "DEL-14")
async def test_items_leave_the_inbox_for_good_when_they_expired(house: House) -> None:
    await house.rows(
        "INSERT INTO inbox_item (tenant_id, item_id, contact_id, change, category, group_key, sealed, created_at, expires_at)"
        " SELECT %s, gen_random_uuid(), gen_random_uuid(), 1, 1, '', '', now(), now() + d * interval '1 day'"
        " FROM unnest(ARRAY[-1, 1]) AS d",
        house.tenant_id,
    )
    for step in retention.steps(timedelta(days=90)):
        async with house.service.database.system() as uow:
            await step(uow, now(), 500)
    assert await house.value("SELECT count(*) FROM inbox_item WHERE expires_at > now()") == 1
    assert await house.value("SELECT count(*) FROM inbox_item") == 1


async def months(house: House, table: str) -> set[str]:
    rows = await house.rows(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", table
    )
    return {name for (name,) in rows}
