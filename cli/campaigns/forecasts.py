"""Forecasts of campaigns on a terminal."""

from typing import TYPE_CHECKING, Any

from cli.campaigns.calls import money
from cli.campaigns.warnings import warn
from cli.moments import instant_of
from cli.output import Output

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_service_pb2 import DryRunReport


def show(out: Output, report: "DryRunReport") -> None:
    """Prints a dry run for people."""
    out.table(
        ("recipients", ""),
        [
            ("in the audience", report.recipient_count),
            ("would get it at their time", report.eligible_count),
            ("would get it later", report.deferred_count),
            ("would not get it", report.refused_count),
            *([("wait for the campaign's limit", report.limited_count)] if report.limited_count else []),
        ],
    )
    stopping = [gate for gate in report.gates if gate.reasons]
    if stopping:
        out.line("")
        out.table(
            ("gate", "reached", "stopped", "held back", "because of"),
            [
                (
                    gate.check.replace("_", " "),
                    gate.reached_count,
                    gate.refused_count,
                    gate.deferred_count,
                    ", ".join(f"{one.reason.replace('_', ' ')} {one.count:,}" for one in gate.reasons),
                )
                for gate in stopping
            ],
        )
    if len(report.zones) > 1:
        out.line("")
        out.table(
            ("zone", "leaves", "recipients", "at their time", "later", "not"),
            [
                (one.time_zone, instant_of(one, "send_time") or "at once", one.recipient_count, one.eligible_count,
                 one.deferred_count, one.refused_count)
                for one in report.zones
            ],
        )  # fmt: skip
    for one in report.deferrals[:24]:
        out.line(
            f"{one.count:,} may be written to from {instant_of(one, 'resume_time') or 'a time that is not known'}"
        )
    out.line("")
    out.line(f"Cost: {money(report.cost) or 'no rate is known'}, {report.segments} segments each")
    warn(out, report.warnings)


def as_document(report: "DryRunReport") -> dict[str, Any]:
    """Returns a dry run for programs."""
    return {
        "recipients": report.recipient_count,
        "eligible": report.eligible_count,
        "deferred": report.deferred_count,
        "refused": report.refused_count,
        "limited": report.limited_count,
        "gates": [
            {
                "check": gate.check,
                "reached": gate.reached_count,
                "refused": gate.refused_count,
                "deferred": gate.deferred_count,
                "reasons": {one.reason: one.count for one in gate.reasons},
            }
            for gate in report.gates
        ],
        "zones": [
            {
                "zone": one.time_zone,
                "leaves": instant_of(one, "send_time"),
                "recipients": one.recipient_count,
                "eligible": one.eligible_count,
                "deferred": one.deferred_count,
                "refused": one.refused_count,
            }
            for one in report.zones
        ],
        "deferrals": [
            {"until": instant_of(one, "resume_time"), "count": one.count} for one in report.deferrals
        ],
        "variants": {one.variant_key: one.count for one in report.variants},
        "cost": money(report.cost),
        "segments": report.segments,
        "warnings": list(report.warnings),
    }
