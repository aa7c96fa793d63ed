"""Forecasts as the contract shows them."""

from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.campaign.forecasts.gates import through
from services.campaign.forecasts.results import Forecast
from services.common.money import Money

MOST_HOURS = 400


def estimate_to_proto(found: Forecast) -> pb.EstimateCampaignResponse:
    """Returns a forecast as an estimate."""
    tally = found.tally
    message = pb.EstimateCampaignResponse(
        recipient_count=tally.judged,
        eligible_count=tally.eligible,
        deferred_count=tally.deferred_count,
        refusals=[
            pb.ReasonCount(reason=reason, count=count) for reason, count in tally.refused.most_common()
        ],
        cost=Money(found.currency, found.cost).to_proto(),
        segments=found.segments,
    )
    message.duration.FromTimedelta(found.duration)
    return message


def report_to_proto(found: Forecast) -> pb.DryRunReport:
    """Returns a forecast as a dry run's report."""
    tally, campaign = found.tally, found.campaign
    keys = [one.key for one in campaign.variants]
    report = pb.DryRunReport(
        channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
        recipient_count=tally.judged,
        eligible_count=tally.eligible,
        deferred_count=tally.deferred_count,
        refused_count=tally.refused.total(),
        limited_count=found.limited,
        gates=[
            pb.DryRunReport.Gate(
                check=gate.check,
                reached_count=gate.reached,
                refused_count=gate.refused,
                deferred_count=gate.deferred,
                reasons=[
                    pb.ReasonCount(reason=reason, count=count) for reason, count in gate.reasons.most_common()
                ],
            )
            for gate in through(tally.judged, tally.refused, tally.deferred)
        ],
        cost=Money(found.currency, found.cost).to_proto(),
        segments=found.segments,
        warnings=found.warnings,
        variants=[
            pb.VariantCount(variant_key=keys[number - 1] if number else "", count=count)
            for number, count in sorted(tally.variants.items(), key=lambda one: one[0] or len(keys) + 1)
            if keys
        ],
    )
    report.duration.FromTimedelta(found.duration)
    for name, place in sorted(tally.zones.items(), key=lambda one: (-one[1].recipients, one[0])):
        shown = report.zones.add(
            time_zone=name,
            recipient_count=place.recipients,
            eligible_count=place.eligible,
            deferred_count=place.deferred,
            refused_count=place.refused,
        )
        if place.leaves_at is not None:
            shown.send_time.FromDatetime(place.leaves_at)
    hours = sorted((hour, count) for hour, count in tally.resumes.items() if hour is not None)
    for hour, count in hours[:MOST_HOURS]:
        report.deferrals.add(count=count).resume_time.FromDatetime(hour)
    if unknown := tally.resumes[None]:
        report.deferrals.add(count=unknown)
    return report
