"""Compliance, timelines, the check of spend, exports, erasure and retention."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from angarium.analytics.v1 import metrics_service_pb2 as metrics_pb
from angarium.analytics.v1 import report_service_pb2 as pb
from angarium.common.v1 import contact_data_pb2, contact_data_pb2_grpc
from angarium.consent.v1 import consent_events_pb2 as consent_pb2
from angarium.consent.v1 import suppression_service_pb2 as suppression_pb
from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from angarium.delivery.v1 import receipt_service_pb2
from services.analytics.rollups import handlers as rollups
from services.analytics.spend import handlers as spend
from services.analytics.spend import store as spend_store
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.analytics.desk import CLICK, NOW, SMS, Desk, between, days, euros

pytestmark = pytest.mark.asyncio(loop_scope="module")


def counted(rows: Sequence[Any]) -> dict[str, int]:
    return {one.reason: one.count for one in rows}


async def consents(desk: Desk, contact: UUID, *changes: tuple[str, str], branch: UUID | None = None) -> None:
    payload = consent_pb2.ConsentsUpdated()
    for before, after in changes:
        payload.consents.add(
            contact_id=str(contact),
            field="email_consent",
            old_value=before,
            new_value=after,
            channel=1,
            branch_id=str(branch or ""),
        )
    await desk.tell("consent.updated", payload)


@pytest.mark.req("ANA-11", "ANA-35", "ANA-71", "ANA-95", "SEC-40")
async def test_the_compliance_report_says_what_was_granted_refused_and_blocked(desk: Desk) -> None:
    contact = uuid7()
    await consents(
        desk, contact, ("", "granted"), ("pending", "granted"), ("granted", "revoked"), ("granted", "expired")
    )
    await desk.unsubscribed(None, contact=contact)
    await desk.unsubscribed(None, source=3, method=0)
    hard, stop = suppression_pb.SUPPRESSION_REASON_HARD_BOUNCE, suppression_pb.SUPPRESSION_REASON_SMS_STOP
    added = consent_pb2.SuppressionsAdded()
    for reason in (hard, hard, stop):
        added.suppressions.add(suppression_id=str(uuid7()), reason=reason)
    await desk.tell("suppression.added", added)
    removed = consent_pb2.SuppressionsRemoved()
    removed.suppressions.add(suppression_id=str(uuid7()), reason=hard)
    await desk.tell("suppression.removed", removed)
    ids = await desk.accepted(9)
    await desk.stopped("skipped", ids[:2], "no_consent")
    await desk.stopped("skipped", ids[2:3], "dnd_registered")
    await desk.stopped("skipped", ids[3:4], "suppressed")
    await desk.stopped("deferred", ids[4:6], "quiet_hours")
    await desk.sent(ids[4:])
    await desk.reached("delivered", ids[6:])
    await desk.reported("bounced", ids[4:5], bounce=1)
    await desk.reported("bounced", ids[5:6], bounce=2)
    await desk.reported("complained", ids[8:])
    found = await desk.reports().GetComplianceReport(pb.GetComplianceReportRequest())
    assert counted(found.consents) == {"granted": 1, "confirmed": 1, "revoked": 1, "expired": 1}
    assert counted(found.opt_outs) == {"one_click": 1, "manual": 1}
    assert counted(found.suppressions_added) == {"hard_bounce": 2, "sms_stop": 1}
    assert counted(found.suppressions_removed) == {"hard_bounce": 1}
    assert counted(found.consent_blocks) == {"no_consent": 2}
    assert counted(found.other_blocks) == {"dnd_registered": 1, "suppressed": 1}
    assert found.dnd_blocks == 1
    assert counted(found.bounces) == {"hard": 1, "soft": 1}
    assert counted(found.deferrals) == {"quiet_hours": 2}
    assert (found.complaints, found.complaint_rate.numerator, found.complaint_rate.denominator) == (1, 1, 3)
    assert not (
        await desk.reports().GetComplianceReport(pb.GetComplianceReportRequest(range=days("2026-11-19")))
    ).consents
    with pytest.raises(ServiceError) as refused:
        await desk.reports("branch_manager").GetComplianceReport(pb.GetComplianceReportRequest())
    assert refused.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("ANA-71")
async def test_requests_about_data_are_shown_with_how_long_they_took(desk: Desk) -> None:
    for kind, made, answered in (("export", 2, 0), ("erasure", 45, 0), ("erasure", 5, None)):
        request_id = str(uuid7())
        created = consent_pb2.PrivacyRequestCreated(privacy_request_id=request_id, kind=kind)
        await desk.tell("privacy.request_created", created, NOW - timedelta(days=made))
        if answered is not None:
            completed = consent_pb2.PrivacyRequestCompleted(privacy_request_id=request_id, kind=kind)
            await desk.tell("privacy.request_completed", completed, NOW - timedelta(days=answered))
    found = (await desk.reports().GetComplianceReport(pb.GetComplianceReportRequest())).privacy_requests
    rows = {
        one.kind: (one.created_count, one.completed_count, one.late_count, one.open_count, one.longest_days)
        for one in found
    }
    assert rows == {"export": (1, 1, 0, 0, 2.0), "erasure": (1, 1, 1, 1, 45.0)}


@pytest.mark.req("ANA-10", "ANA-34", "ANA-72")
async def test_a_timeline_has_one_entry_per_message_as_it_stands_and_what_else_happened(desk: Desk) -> None:
    contact = uuid7()
    campaign = await desk.campaign(name="Spring")
    [mail] = await campaign.delivered(1, contacts=[contact], at=NOW - timedelta(days=3))
    await desk.delivered(
        1, contacts=[contact], channel=SMS, trigger_type="birthday", at=NOW - timedelta(days=2)
    )
    await consents(desk, contact, ("", "granted"))
    await desk.converted(
        contact_id=contact, message_id=mail, value=euros(3), order_ref="o-77", at=NOW - timedelta(days=1)
    )

    async def entries(**given: Any) -> list[tuple[int, str, str]]:
        found, token = [], ""
        while True:
            request = pb.GetContactTimelineRequest(
                contact_id=str(contact), page_size=2, page_token=token, **given
            )
            answer = await desk.reports().GetContactTimeline(request)
            found += [(one.type, one.status, one.campaign_name or one.trigger_type) for one in answer.entries]
            token = answer.next_page_token
            if not token:
                return found

    assert await entries() == [
        (pb.TIMELINE_TYPE_CONSENT, "email_consent granted", ""),
        (pb.TIMELINE_TYPE_CONVERSION, "purchased", "Spring"),
        (pb.TIMELINE_TYPE_TRIGGER, "delivered", "birthday"),
        (pb.TIMELINE_TYPE_CAMPAIGN, "converted", "Spring"),
    ]
    await desk.unsubscribed(mail)
    assert (await entries(types=[pb.TIMELINE_TYPE_CAMPAIGN])) == [
        (pb.TIMELINE_TYPE_CAMPAIGN, "unsubscribed", "Spring")
    ]
    assert len(await entries(range=days("2026-11-18"))) == 1
    with pytest.raises(ServiceError) as refused:
        await desk.reports().GetContactTimeline(pb.GetContactTimelineRequest(contact_id=str(uuid7())))
    assert refused.value.reason == "NOT_FOUND"


@pytest.mark.req("ANA-73", "JOB-36")
async def test_spend_is_compared_with_facts_at_once_and_with_the_ledger_twice(desk: Desk) -> None:
    ids = await desk.delivered(4)
    await desk.cost(ids, "0.25")
    # What the platform bears is no tenant's spend, and in no ledger.
    await desk.cost(await desk.delivered(1), "7", platforms=True)
    ledger = {"2026-11": Decimal(1)}

    async def told(_tenant: UUID, period: str) -> Decimal | None:
        return ledger.get(period)

    async def check() -> int:
        async with desk.database.tenant(desk.tenant_id) as uow:
            tenant = await spend.directory.tenant(uow)
        return await spend.check(desk.database, desk.tenant_id, tenant, told)

    assert await check() == 0
    ledger["2026-11"] = Decimal("1.50")
    # Campaign may just have heard of more: once is no alert.
    assert await check() == 0
    assert await check() == 1
    async with desk.database.tenant(desk.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM outbox WHERE type = 'spend.differs'") == 1
        [row] = await spend_store.checks(uow)
        assert row[:5] == ("2026-11", "EUR", Decimal(8), Decimal(8), Decimal("1.50"))
        await uow.execute("UPDATE spend_rollup SET cost = cost + 1 WHERE bearer = 2")
    ledger["2026-11"] = Decimal(1)
    assert await check() == 1
    start, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
    assert (await rollups.rebuild(desk.database, desk.tenant_id, start, end)).changed == 1
    assert await check() == 0


async def exported(desk: Desk, request: pb.ExportReportRequest, *roles: str) -> bytes:
    return b"".join([piece.data async for piece in desk.reports(*roles).ExportReport(request)])


@pytest.mark.req("ANA-37")
async def test_a_report_is_exported_as_the_same_table_in_every_format(desk: Desk) -> None:
    for number in range(3):
        campaign = await desk.campaign(name=f"=C{number}")
        ids = await campaign.delivered(number + 1)
        await desk.cost(ids, "0.10")
        await desk.engaged(ids[:1])
    request = pb.ExportReportRequest(
        campaign_performance=pb.ListCampaignPerformanceRequest(sort=pb.CAMPAIGN_SORT_SENT, page_size=1)
    )
    table = list(csv.DictReader(io.StringIO((await exported(desk, request)).decode())))
    # What a spreadsheet would take for a formula is none.
    assert [(row["name"], row["counts_sent"]) for row in table] == [
        ("'=C2", "3"),
        ("'=C1", "2"),
        ("'=C0", "1"),
    ]
    assert (table[0]["rates_open_rate"], table[0]["rates_open_rate_denominator"]) == ("33.33", "3")
    assert Decimal(json.loads(table[0]["costs"])["EUR"]) == Decimal("0.3")
    request.format = pb.EXPORT_FORMAT_JSON
    lines = [json.loads(line) for line in (await exported(desk, request)).splitlines()]
    assert [(row["name"], row["counts_sent"], row["channel"]) for row in lines] == [
        ("=C2", 3, "email"),
        ("=C1", 2, "email"),
        ("=C0", 1, "email"),
    ]
    request.format = pb.EXPORT_FORMAT_PARQUET
    read = pq.read_table(io.BytesIO(await exported(desk, request)))
    assert read.column_names == list(table[0])
    assert read.column("counts_sent").to_pylist() == [3, 2, 1]
    assert read.column("rates_open_rate").to_pylist() == [33.33, 50.0, 100.0]
    assert read.column("last_send_time").to_pylist()[0] == NOW


@pytest.mark.req("ANA-37")
@pytest.mark.parametrize("kind", [pb.EXPORT_FORMAT_CSV, pb.EXPORT_FORMAT_JSON, pb.EXPORT_FORMAT_PARQUET])
async def test_every_report_can_be_exported_in_every_format(desk: Desk, kind: int) -> None:
    campaign = await desk.campaign("a", "b")
    contact = uuid7()
    await desk.cost(await campaign.delivered(1, contacts=[contact], variant_key="a"), "0.1")
    needed: dict[str, dict[str, Any]] = {
        "hourly_breakdown": {"date": "2026-11-20"},
        "time_series": {"metric": 1, "period": 2},
        "campaign_report": {"campaign_id": str(campaign.campaign_id)},
        "ab_test_report": {"campaign_id": str(campaign.campaign_id)},
        "link_report": {"template_name": "news"},
        "contact_timeline": {"contact_id": str(contact)},
        "reminder_effectiveness": {"template_family": "pay"},
    }
    for field in pb.ExportReportRequest.DESCRIPTOR.oneofs_by_name["report"].fields:
        request = pb.ExportReportRequest(format=kind)  # type: ignore[arg-type]
        getattr(request, field.name).SetInParent()
        for name, value in needed.get(field.name, {}).items():
            setattr(getattr(request, field.name), name, value)
        data = await exported(desk, request)
        if kind == pb.EXPORT_FORMAT_PARQUET:
            assert pq.read_table(io.BytesIO(data)).column_names, field.name
        else:
            assert data or field.name in ("link_report", "reminder_effectiveness"), field.name


@pytest.mark.req("ANA-37", "SEC-39", "SEC-40")
async def test_an_export_needs_the_permission_of_its_report(desk: Desk) -> None:
    for request, role in (
        (pb.ExportReportRequest(cost_metrics=metrics_pb.GetCostMetricsRequest()), "receptionist"),
        (pb.ExportReportRequest(spend_summary=pb.GetSpendSummaryRequest()), "receptionist"),
        (pb.ExportReportRequest(compliance_report=pb.GetComplianceReportRequest()), "branch_manager"),
    ):
        with pytest.raises(ServiceError) as refused:
            await exported(desk, request, role)
        assert refused.value.reason == "PERMISSION_DENIED"


@pytest.mark.req("ANA-3", "W6")
async def test_every_hit_is_kept_with_who_was_behind_it_and_why(desk: Desk) -> None:
    [message_id], contact, link = await desk.delivered(1), uuid7(), uuid7()
    payload = delivery_pb2.MessagesEngaged()
    for judged, reason, minute in (
        (4, "burst", 0),
        (2, "user_agent:google_image_proxy", 1),
        (1, "browser", 2),
        (1, "browser", 3),
    ):
        hit = payload.hits.add(
            engagement_id=str(uuid7()),
            message_id=str(message_id),
            contact_id=str(contact),
            kind=receipt_service_pb2.ENGAGEMENT_KIND_CLICK,
            engagement_class=judged,  # type: ignore[arg-type]
            class_reason=reason,
            rule_version=7,
            link_id=str(link),
            url="https://shop.example/a",
            truncated_ip="81.130.7.0",
            user_agent_family="Chrome",
            judgement=1,
        )
        hit.occur_time.FromDatetime(NOW + timedelta(minutes=minute))
    await desk.tell("message.engaged", payload)
    async with desk.database.tenant(desk.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT engagement_class, class_reason, rule_version, contact_id, link_id, truncated_ip, user_agent_family"
            " FROM engagement_event ORDER BY occurred_at"
        )
        fact = await uow.fetch_one("SELECT first_click_at, clicks, machine_clicks FROM message_fact")
    rest = (7, contact, link, "81.130.7.0", "Chrome")
    assert rows == [
        (4, "burst", *rest),
        (2, "user_agent:google_image_proxy", *rest),
        (1, "browser", *rest),
        (1, "browser", *rest),
    ]
    # The first of a person gives the unique count, all of them the total.
    assert fact == (NOW + timedelta(minutes=2), 2, 2)


@pytest.mark.req("ANA-74")
async def test_an_erased_contact_is_one_tombstone_everywhere_and_no_figure_changes(desk: Desk) -> None:
    contact, tombstone = uuid7(), uuid7()
    campaign = await desk.campaign()
    ids = await campaign.delivered(2, contacts=[contact, contact])
    await desk.engaged(ids[:1], CLICK)
    await consents(desk, contact, ("", "granted"))
    await desk.converted(contact_id=contact, message_id=ids[0], value=euros(3))
    async with desk.database.tenant(desk.tenant_id) as uow:
        await uow.execute("UPDATE engagement_event SET contact_id = %s", (contact,))
    report = pb.GetCampaignReportRequest(campaign_id=str(campaign.campaign_id))
    before = await desk.reports().GetCampaignReport(report)
    stub = desk.served.caller(
        contact_data_pb2_grpc.ContactDataServiceStub, "consent", tenant_id=desk.tenant_id
    )
    request = contact_data_pb2.EraseContactDataRequest(
        contact_id=str(contact), tombstone_id=str(tombstone), privacy_request_id=str(uuid7())
    )
    assert (await stub.EraseContactData(request)).remaining_count == 0
    after = await desk.reports().GetCampaignReport(report)
    before.ClearField("as_of_time")
    after.ClearField("as_of_time")
    assert after == before
    async with desk.database.tenant(desk.tenant_id) as uow:
        for table in ("message_fact", "engagement_event", "conversion"):
            rows = await uow.fetch_all(f"SELECT DISTINCT contact_id FROM {table}")
            assert rows == [(tombstone,)], table
        assert await uow.fetch_value("SELECT count(*) FROM timeline_entry") == 0
    assert (
        await rollups.rebuild(desk.database, desk.tenant_id, NOW - timedelta(days=1), NOW + timedelta(days=1))
    ).changed == 0


@pytest.mark.req("ANA-4", "ANA-5", "GEN-47")
async def test_days_stay_when_quarter_hours_and_facts_are_gone(desk: Desk) -> None:
    await desk.delivered(3)
    desk.clock.set(NOW + timedelta(days=95))
    async with desk.database.system() as uow:
        assert await rollups.forget_quarters(uow, uow.now(), 500) > 0
    found = await desk.metrics().GetMetrics(
        metrics_pb.GetMetricsRequest(range=days("2026-11-20", "2026-11-20"))
    )
    assert (found.counts.sent, found.counts.delivered) == (3, 3)
    # An instant of a day that has no quarter hours any more means the whole day.
    wide = between(NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert (await desk.metrics().GetMetrics(metrics_pb.GetMetricsRequest(range=wide))).counts.sent == 3
    start, end = NOW - timedelta(days=1), NOW + timedelta(days=1)
    assert (await rollups.rebuild(desk.database, desk.tenant_id, start, end)).changed == 0
