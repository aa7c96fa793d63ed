"""P10: facts ingested and rolled up in blocks; and reports over many facts, answered from rollups."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import grpc
import psycopg

from angarium.analytics.v1 import ingest_service_pb2 as ingest_pb
from angarium.analytics.v1 import ingest_service_pb2_grpc, metrics_service_pb2_grpc, report_service_pb2_grpc
from angarium.analytics.v1 import metrics_service_pb2 as metrics_pb
from angarium.analytics.v1 import report_service_pb2 as report_pb
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from angarium.delivery.v1 import message_pb2
from bench import given
from bench.figures import Figure, Floor, Target
from bench.load import Metadata, unary
from bench.processes import Meter, own_seconds
from bench.quiet import events_settled
from bench.scripts import run_floor
from bench.stack import Stack, split
from services.analytics.rollups import deltas
from services.analytics.rollups.counters import (
    COHORT_KEY,
    COLUMNS,
    DAILY_KEY,
    FINE_KEY,
    REASON_KEY,
    SPEND_KEY,
)
from services.common.ids import uuid7, uuid7s
from services.common.security.jwt import issue_service

NAME = "analytics"
ITEMS = 200_000
FACTS = 2_000_000
BLOCK = 1000
IN_FLIGHT = 2
ASKED = 5
_CAMPAIGNS = 100
_WARM_UP = 4
_FEWEST_FACTS = 20_000
_AT_ONCE = 250_000

_FILL = """
INSERT INTO analytics.message_fact (tenant_id, message_id, is_complete, contact_id, branch_id, channel, message_class,
    category, origin, priority, is_counted, template_name, language, provider, campaign_id, run_id, variant_key,
    accepted_at, sent_at, delivered_at, bounced_at, bounce_type, reason, code, first_open_at, first_click_at, opens, clicks,
    open_classes, click_classes, costs, currency, cost_providers, cost_periods, cost_micros)
SELECT %(tenant)s, (%(head)s || lpad(to_hex(n), 12, '0'))::uuid, true, (%(people)s || lpad(to_hex(n / 20), 12, '0'))::uuid,
    ('00000000-0000-7000-8000-' || lpad((n %% 5)::text, 12, '0'))::uuid, 1 + n %% 2, 2, 21 + n %% 4, 1, 4, true,
    'template-' || n %% 20, 'en', CASE n %% 2 WHEN 0 THEN 'sendgrid' ELSE 'twilio' END,
    ('00000000-0000-7000-9000-' || lpad((n %% 100)::text, 12, '0'))::uuid,
    ('00000000-0000-7000-a000-' || lpad((n %% 100)::text, 12, '0'))::uuid, CASE n %% 3 WHEN 0 THEN 'a' ELSE 'b' END,
    at, at, CASE WHEN n %% 20 > 0 THEN at + interval '30 seconds' END, CASE WHEN n %% 20 = 0 THEN at + interval '1 minute' END,
    (n %% 20 = 0)::int, '', '', CASE WHEN n %% 4 = 1 THEN at + interval '2 hours' END,
    CASE WHEN n %% 16 = 1 THEN at + interval '3 hours' END, (n %% 4 = 1)::int, (n %% 16 = 1)::int, (n %% 4 = 1)::int * 2,
    (n %% 16 = 1)::int * 2, '{0.0002}', 'EUR', ARRAY['sendgrid'], ARRAY[to_char(at, 'YYYY-MM')], 200
FROM (
    SELECT n, now() - interval '1 day' - make_interval(days => n %% 80, hours => (n / 80) %% 10) AS at
    FROM generate_series(%(first)s::int, %(last)s::int) AS n
) AS numbered
"""


async def measure(stack: Stack, scale: float) -> Figure:
    """Tells of accepted messages in blocks; then asks every report over ten times as many facts."""
    blocks = max(_WARM_UP, int(ITEMS * scale) // BLOCK)
    items = blocks * BLOCK
    async with given.tenant(stack) as cast:
        tenant_id = UUID(str(cast.tenant_id))
        person = (("authorization", cast.ada.channels.credential()),)
    token = issue_service(stack.settings, "delivery")
    service = (("authorization", f"Bearer {token}"), ("x-tenant-id", str(tenant_id)))
    await events_settled(stack)
    async with grpc.aio.insecure_channel(stack.installation.address("analytics")) as channel:
        call = ingest_service_pb2_grpc.IngestServiceStub(channel).IngestEvents
        await unary(call, _requests(tenant_id, _WARM_UP), service, in_flight=IN_FLIGHT)
        requests = list(_requests(tenant_id, blocks))
        meter = stack.meter()
        meter.start()
        own = own_seconds()
        found = await unary(call, requests, service, in_flight=IN_FLIGHT)
        own = own_seconds() - own
        cpu, memory = meter.cpu(), meter.peak_memory()
        facts = max(_FEWEST_FACTS, int(FACTS * scale))
        await _fill(stack.database_url, tenant_id, facts)
        reports = await _ask(channel, person, tenant_id, facts)
    kept = await stack.count(
        "SELECT sum(total_accepted) FROM analytics.rollup_daily WHERE tenant_id = %s AND template_name = 'spring'",
        tenant_id,
    )
    if kept != items + _WARM_UP * BLOCK:
        raise RuntimeError(f"{kept} facts are in the rollups, not all that were told")
    inside, outside = split(cpu)
    slowest = max(reports, key=lambda name: reports[name])
    return Figure(
        number="P10",
        name=NAME,
        title=f"facts ingested and rolled up in blocks of 1,000; reports over {facts:,} facts",
        items=items,
        rate=items / found.seconds,
        floor=await _floor(stack, tenant_id, items),
        target=Target(ratio=0.50),
        cpu_seconds=inside,
        outside_seconds={**outside, "caller": own},
        peak_memory=memory,
        seconds={"ingested": found.seconds},
        milliseconds=dict(reports),
        notes=(
            f"{IN_FLIGHT} blocks in flight over IngestEvents; each is one transaction of inbox, facts and four rollups",
            f"the slowest report is {slowest}, {reports[slowest]:.0f} ms at the median of {ASKED}; promised are 100 ms",
        ),
    )


def _requests(tenant_id: UUID, blocks: int) -> Iterator[ingest_pb.IngestEventsRequest]:
    for number in range(blocks):
        campaign, run, branch, *ids = uuid7s(BLOCK + 3)
        payload = delivery_pb2.MessagesAccepted(
            dimensions=delivery_pb2.MessageDimensions(
                channel=enums_pb2.CHANNEL_EMAIL,
                message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
                category=enums_pb2.CATEGORY_NEWSLETTER,
                origin=message_pb2.ORIGIN_CAMPAIGN,
                template_name="spring",
                campaign_id=str(campaign),
                run_id=str(run),
                branch_id=str(branch),
                variant_key="ab"[number % 2],
            )
        )
        for id in ids:
            payload.messages.add(message_id=str(id), contact_id=str(id), language_code="en")
        envelope = EventEnvelope(event_id=str(uuid7()), type="message.accepted", tenant_id=str(tenant_id))
        envelope.occur_time.FromDatetime(datetime.now(UTC))
        envelope.payload.Pack(payload)
        yield ingest_pb.IngestEventsRequest(events=[envelope])


async def _fill(url: str, tenant_id: UUID, facts: int) -> None:
    """Writes facts of 80 days, and the rollups that the same statements of the service make of them."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("SET search_path = analytics")
        head = uuid7().hex[:12] + "70008000"
        for first in range(1, facts + 1, _AT_ONCE):
            await connection.execute(
                _FILL,
                {
                    "tenant": tenant_id,
                    "head": head,
                    "people": uuid7().hex[:12] + "7000a000",
                    "first": first,
                    "last": min(facts, first + _AT_ONCE - 1),
                },
            )
        source = (
            "(SELECT * FROM message_fact WHERE tenant_id = %(tenant)s AND template_name <> 'spring') AS facts"
        )
        params = {"tenant": tenant_id, "zone": "UTC"}
        fine = (
            "(SELECT * FROM rollup_fine WHERE tenant_id = %(tenant)s AND template_name <> 'spring') AS fine"
        )
        for table, counts, key, counters in (
            ("rollup_fine", deltas.fine_counts(source), FINE_KEY, COLUMNS),
            ("rollup_daily", deltas.daily_counts(fine), DAILY_KEY, COLUMNS),
            ("cohort_stat", deltas.cohort_counts(source), COHORT_KEY, COLUMNS),
            ("reason_stat", deltas.reason_counts(source), REASON_KEY, ("messages",)),
            ("spend_rollup", deltas.spend_counts(source), SPEND_KEY, deltas.SPEND_COUNTERS),
        ):
            await connection.execute(
                deltas.upsert(table, f"({counts}) AS counted", key, counters).encode(), params
            )
        await connection.execute(
            """
            INSERT INTO campaign_profile (tenant_id, campaign_id, name, channel, variant_keys)
            SELECT %s, ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid, 'Campaign ' || n, 1, '{a,b}'
            FROM generate_series(0, %s) AS n
            """,
            (tenant_id, _CAMPAIGNS - 1),
        )
        await connection.execute("VACUUM ANALYZE")


async def _ask(
    channel: grpc.aio.Channel, person: Metadata, tenant_id: UUID, facts: int
) -> Mapping[str, float]:
    """Returns the median time of each report, in milliseconds."""
    metrics = metrics_service_pb2_grpc.MetricsServiceStub(channel)
    reports = report_service_pb2_grpc.ReportServiceStub(channel)
    whole = {"start_date": f"{datetime.now(UTC).year - 1}-12-01"}
    campaign = f"00000000-0000-7000-9000-{7:012}"
    asked: Mapping[str, tuple[Any, Any]] = {
        "metrics": (metrics.GetMetrics, metrics_pb.GetMetricsRequest(range=whole)),
        "channels": (metrics.GetChannelMetrics, metrics_pb.GetChannelMetricsRequest(range=whole)),
        "types": (metrics.GetTopTypes, metrics_pb.GetTopTypesRequest(range=whole)),
        "templates": (metrics.GetTopTemplates, metrics_pb.GetTopTemplatesRequest(range=whole)),
        "series": (metrics.GetTimeSeries, metrics_pb.GetTimeSeriesRequest(metric=1, period=2, range=whole)),  # type: ignore[arg-type]
        "providers": (metrics.GetDeliveryStats, metrics_pb.GetDeliveryStatsRequest(range=whole)),
        "engagement": (metrics.GetEngagementMetrics, metrics_pb.GetEngagementMetricsRequest(range=whole)),
        "health": (metrics.GetHealthScore, metrics_pb.GetHealthScoreRequest()),
        "campaign": (reports.GetCampaignReport, report_pb.GetCampaignReportRequest(campaign_id=campaign)),
        "arms": (reports.GetAbTestReport, report_pb.GetAbTestReportRequest(campaign_id=campaign)),
        "overview": (reports.GetMarketingOverview, report_pb.GetMarketingOverviewRequest(range=whole)),
        "campaigns": (reports.ListCampaignPerformance, report_pb.ListCampaignPerformanceRequest(range=whole)),
        "spend": (reports.GetSpendSummary, report_pb.GetSpendSummaryRequest(group=3)),  # type: ignore[arg-type]
        "compliance": (reports.GetComplianceReport, report_pb.GetComplianceReportRequest(range=whole)),
    }
    sent = (await metrics.GetMetrics(asked["metrics"][1], metadata=person)).counts.sent
    if sent != facts:
        raise RuntimeError(f"the reports know {sent} of {facts} facts of {tenant_id}")
    found: dict[str, float] = {}
    for name, (call, request) in asked.items():
        load = await unary(call, [request] * ASKED, person, in_flight=1)
        found[name] = load.quantile(0.5)
    return found


async def _floor(stack: Stack, tenant_id: UUID, items: int) -> Floor:
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    meter.start()
    found = await run_floor(
        "facts",
        database_url=stack.database_url,
        tenant_id=str(tenant_id),
        items=items,
        connections=IN_FLIGHT,
    )
    cpu = found["cpu_seconds"] + sum(meter.cpu().values())
    return Floor(
        items / found["seconds"], cpu / items * 1e6, "COPY of the same facts, a transaction per 1,000"
    )
