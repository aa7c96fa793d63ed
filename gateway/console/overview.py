"""The first page: what happened in a day, what is under way, the lanes, the providers; and acting on the last two."""

from datetime import UTC, timedelta
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from angarium.analytics.v1 import figures_pb2, metrics_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import dead_letter_service_pb2, lane_service_pb2, provider_service_pb2
from gateway.console import parts
from gateway.console.visits import Found, Visit

_LANES: Final = [number for name, number in enums_pb2.Priority.items() if number]
_HOURS: Final = timedelta(hours=23)


async def show(visit: Visit) -> Response:
    """Shows how things are."""
    found = await visit.together(
        figures=parts.figures(visit),
        under_way=parts.under_way(visit),
        lanes=parts.lanes(visit),
        providers=parts.providers(visit),
        sent=_series(visit, metrics_service_pb2.SERIES_METRIC_SENT),
        failed=_series(visit, metrics_service_pb2.SERIES_METRIC_FAILED),
        letters=_letters(visit),
    )
    return visit.page(
        "overview", "Overview", lane_numbers=_LANES, live="/console/live?view=overview", **found
    )


async def _series(visit: Visit, metric: metrics_service_pb2.SeriesMetric) -> Found[Any]:
    span = figures_pb2.TimeRange(time_zone="UTC")
    span.start_time.FromDatetime(
        (visit.console.clock.now() - _HOURS).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    )
    asked = metrics_service_pb2.GetTimeSeriesRequest(
        metric=metric, period=metrics_service_pb2.SERIES_PERIOD_HOUR, range=span
    )
    return await visit.asked("MetricsService.GetTimeSeries", visit.ask.metrics.GetTimeSeries(asked))


async def _letters(visit: Visit) -> Found[Any]:
    asked = dead_letter_service_pb2.ListDeadLettersRequest(page_size=5)
    return await visit.asked(
        "DeadLetterService.ListDeadLetters", visit.ask.dead_letters.ListDeadLetters(asked)
    )


async def pause_lane(visit: Visit) -> Response:
    """Pauses a lane."""
    await visit.ask.lanes.PauseLane(
        lane_service_pb2.PauseLaneRequest(lane=_lane(visit), reason=visit.posted("reason"))
    )
    return RedirectResponse("/console?told=lane_paused", status_code=303)


async def resume_lane(visit: Visit) -> Response:
    """Lets a lane run again."""
    await visit.ask.lanes.ResumeLane(lane_service_pb2.ResumeLaneRequest(lane=_lane(visit)))
    return RedirectResponse("/console?told=lane_resumed", status_code=303)


async def close_circuit(visit: Visit) -> Response:
    """Closes the circuit of a provider account and sets its counters to zero."""
    await visit.ask.providers.ResetProviderHealth(
        provider_service_pb2.ResetProviderHealthRequest(
            provider_account_id=visit.posted("account"), idempotency_key=visit.act_key
        )
    )
    return RedirectResponse("/console?told=circuit_closed", status_code=303)


def _lane(visit: Visit) -> Any:
    text = visit.posted("lane")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else 0
