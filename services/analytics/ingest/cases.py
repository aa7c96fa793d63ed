"""Use cases of what analytics is told, as IngestService asks for them."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from angarium.analytics.v1 import ingest_service_pb2 as pb
from services.analytics.conversions import handlers as conversions
from services.analytics.conversions.domain import Conversion, Kind, Observed
from services.analytics.ingest import handlers
from services.analytics.ingest.handlers import State
from services.analytics.reports.convert import stamp
from services.analytics.rollups import handlers as rollups
from services.analytics.rollups import ranges
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.idempotency import keyed
from services.common.money import Money
from services.common.rpc.context import tenant
from services.common.security.tokens import Purpose, TokenSigner

_STATES = {
    State.ACCEPTED: pb.IngestResult.STATE_ACCEPTED,
    State.DUPLICATE: pb.IngestResult.STATE_DUPLICATE,
    State.REJECTED: pb.IngestResult.STATE_REJECTED,
}


class IngestCases:
    """Takes events and conversions, and recounts."""

    def __init__(self, database: Database, signer: TokenSigner) -> None:
        self._database = database
        self._signer = signer

    async def take_events(self, request: pb.IngestEventsRequest) -> pb.IngestEventsResponse:
        """Folds events in."""
        results = await handlers.ingest(self._database, tenant(), request.events)
        counted = Counter(one.state for one in results)
        return pb.IngestEventsResponse(
            results=[
                pb.IngestResult(event_id=one.event_id, state=_STATES[one.state], reason=one.reason)
                for one in results
            ],
            accepted_count=counted[State.ACCEPTED],
            duplicate_count=counted[State.DUPLICATE],
            rejected_count=counted[State.REJECTED],
        )

    async def record_conversion(self, request: pb.RecordConversionRequest) -> pb.RecordConversionResponse:
        """Records a conversion."""
        known = False

        async def record(uow: UnitOfWork) -> pb.RecordConversionResponse:
            nonlocal known
            found, known = await conversions.record(uow, self._observed(request, uow.now()))
            return pb.RecordConversionResponse(conversion=_shown(found))

        async with self._database.tenant(tenant()) as uow:
            answer = await keyed(
                uow, "IngestService.RecordConversion", request, pb.RecordConversionResponse, record
            )
            answer.deduplicated = answer.deduplicated or known
            return answer

    async def rebuild(self, request: pb.RebuildRollupsRequest) -> pb.RebuildRollupsResponse:
        """Recounts a range from facts."""
        start, end = ranges.instants(
            request.start_time.ToDatetime(tzinfo=UTC), request.end_time.ToDatetime(tzinfo=UTC)
        )
        found = await rollups.rebuild(self._database, tenant(), start, end)
        return pb.RebuildRollupsResponse(row_count=found.rows, changed_count=found.changed)

    def _observed(self, request: pb.RecordConversionRequest, now: datetime) -> Observed:
        at = request.occur_time.ToDatetime(tzinfo=UTC) if request.HasField("occur_time") else now
        if at > now + handlers.AHEAD:
            raise invalid("occur_time", "lies ahead")
        money = _money(request) if request.HasField("value") else None
        return Observed(
            contact_id=UUID(request.contact_id),
            kind=Kind(request.conversion_type),
            order_ref=request.order_ref,
            occurred_at=at,
            value=money.amount if money else None,
            currency=money.currency if money else "",
            message_id=self._message(request, now),
            coupon_code=request.coupon_code,
        )

    def _message(self, request: pb.RecordConversionRequest, now: datetime) -> UUID | None:
        if not request.tracking_token:
            return UUID(request.message_id) if request.message_id else None
        if request.message_id:
            raise invalid("tracking_token", "excludes message_id")
        payload = self._signer.verify(Purpose.CLICK, request.tracking_token, now, tenant_id=tenant())
        return UUID(bytes=payload.body[:16])


def _money(request: pb.RecordConversionRequest) -> Money:
    try:
        found = Money.from_proto(request.value)
    except ValueError:
        raise invalid("value", "is no amount of money") from None
    if not 0 <= found.amount < Decimal(10) ** 12 or found.amount != round(found.amount, 6):
        raise invalid("value", "must be zero or more, with at most six decimal places")
    return found


def _shown(found: Conversion) -> pb.Conversion:
    shown = pb.Conversion(
        conversion_id=str(found.conversion_id),
        contact_id=str(found.contact_id or ""),
        conversion_type=int(found.kind),  # type: ignore[arg-type]  # a number of the contract
        order_ref=found.order_ref,
        occur_time=stamp(found.occurred_at),
        message_id=str(found.message_id or ""),
        campaign_id=str(found.campaign_id or ""),
        variant_key=found.variant_key,
        coupon_code=found.coupon_code,
        attribution=int(found.attribution),  # type: ignore[arg-type]  # a number of the contract
    )
    if found.value is not None:
        shown.value.CopyFrom(Money(found.currency, found.value).to_proto())
        if found.reversed_value:
            shown.reversed_value.CopyFrom(Money(found.currency, found.reversed_value).to_proto())
    return shown
