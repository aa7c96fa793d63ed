"""`angarium rules`: which events of neighbours tell whom what, and what a tenant wants otherwise."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from cli import options
from cli.operating.calls import CHANNELS, number_of
from cli.output import CommandError, Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

T = TypeVar("T")
PLATFORM: Final = "platform"
"""Word that gives a field back to what the platform says."""
MENDS: Final = {
    "NOT_FOUND": "See the rules with angarium rules list",
    "INVALID_CONFIGURATION": "Change its template or its channels instead: people rely on it",
    "VERSION_CONFLICT": "Somebody changed it at the same moment: repeat the command",
}
_FIELDS: Final = {1: "enabled", 2: "template", 3: "delay", 4: "channels", 5: "mode"}
_DURATION: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

Rule = Annotated[str, typer.Argument(help="Name of the rule; see `angarium rules list`.")]


class Mode(StrEnum):
    """How channels are meant."""

    ALL = "all"
    FIRST = "first"
    PLATFORM = "platform"


@app.callback()
def rules() -> None:
    """See which events tell whom what, and have some of it otherwise."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium rules list --tenant 0190…` – every rule, in the order of the table

`angarium rules list --event payment.failed` – what follows one type of event

`angarium rules list --changed` – what the tenant has otherwise than the platform
""",
)
def list_rules(
    *,
    event: Annotated[str, typer.Option(help="Only what follows this type of event.")] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only rules the tenant has changed.")] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the rules."""
    from angarium.campaign.v1 import notification_rule_service_pb2 as pb

    request = pb.ListNotificationRulesRequest(event_type=event, changed_only=changed)

    async def every(stub: Any) -> list[Any]:
        return await listed(stub.ListNotificationRules, request, "rules")

    shown = [_document(one) for one in _ask(tenant, state, every)]
    out = Output(as_json=as_json)
    out.table(
        ("rule", "on", "after", "tells", "channels", "when", "changed"),
        [
            (
                one["rule"],
                "yes" if one["on"] else "no",
                ", ".join(one["events"]),
                ", ".join(one["recipients"]),
                _joined(one),
                one["when"],
                ", ".join(one["changed"]),
            )
            for one in shown
        ],
    )
    out.result({"rules": shown})
    if not shown:
        out.line("There is none. Types of events: docs/events.md")


@app.command(
    epilog="""
**Examples**

`angarium rules show payment-failed --tenant 0190…`
"""
)
def show(
    rule: Rule, *, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Show one rule with everything that it goes by."""
    shown = _document(_ask(tenant, state, lambda stub: _one(stub, rule)))
    out = Output(as_json=as_json)
    out.table(
        ("", rule),
        [
            (name.replace("_", " "), ", ".join(value) if isinstance(value, list) else str(value))
            for name, value in shown.items()
            if value not in ("", []) and name != "rule"
        ],
    )
    out.result({"rule": shown})


@app.command(
    epilog="""
**Examples**

`angarium rules override order-expired --off --tenant 0190…` – it stays quiet

`angarium rules override appointment-reminder --on --delay 48h` – two days before instead of one

`angarium rules override payment-success --channel email --template our-receipt`

`angarium rules override payment-success --template platform` – that field as the platform says
"""
)
def override(
    rule: Rule,
    *,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it speaks.")] = None,
    template: Annotated[str, typer.Option(help="Name of a template, or `platform`.")] = "",
    delay: Annotated[str, typer.Option(help="Such as 10m, 48h or 2d; or `platform`.")] = "",
    channel: Annotated[
        list[str] | None, typer.Option(help="Once for each, in order of preference; or `platform`.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option(help="A message on each channel, or on the first.")] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Have a rule otherwise than the platform; what is not named stays."""
    from angarium.campaign.v1 import notification_rule_service_pb2 as pb

    request = pb.UpdateNotificationRuleRequest(rule=pb.NotificationRule(name=rule))
    paths = request.update_mask.paths
    if on is not None:
        paths.append("is_enabled")
        request.rule.is_enabled = on
    if template:
        paths.append("template_name")
        request.rule.template_name = "" if template == PLATFORM else template
    if delay:
        paths.append("delay")
        if delay != PLATFORM:
            request.rule.delay.FromTimedelta(_span(delay))
    if channel:
        paths.append("channels")
        known = {**CHANNELS, "in_app": 5}
        numbers: list[Any] = [number_of("channel", one, known) for one in channel if one != PLATFORM]
        request.rule.channels.extend(numbers)
    if mode is not None:
        paths.append("mode")
        request.rule.mode = {Mode.ALL: 1, Mode.FIRST: 2, Mode.PLATFORM: 0}[mode]  # type: ignore[assignment]
    if not paths:
        raise usage("Nothing to change: see angarium rules override --help")

    async def change(stub: Any) -> Any:
        request.rule.etag = (await _one(stub, rule)).etag
        return (await stub.UpdateNotificationRule(request)).rule

    shown = _document(_ask(tenant, state, change))
    out = Output(as_json=as_json)
    out.line(f"[bold]{rule}[/] {'speaks' if shown['on'] else 'is quiet'}: {_joined(shown)}, {shown['when']}.")
    out.result({"rule": shown})


@app.command(
    epilog="""
**Examples**

`angarium rules reset payment-success --tenant 0190…`
"""
)
def reset(
    rule: Rule, *, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Make a rule what it is for everybody."""
    from angarium.campaign.v1 import notification_rule_service_pb2 as pb

    request = pb.ResetNotificationRuleRequest(name=rule)

    async def back(stub: Any) -> Any:
        return (await stub.ResetNotificationRule(request)).rule

    shown = _document(_ask(tenant, state, back))
    out = Output(as_json=as_json)
    out.line(f"[bold]{rule}[/] is what it is for everybody: {_joined(shown)}, {shown['when']}.")
    out.result({"rule": shown})


async def _one(stub: Any, name: str) -> Any:
    from angarium.campaign.v1 import notification_rule_service_pb2 as pb

    found = (await stub.ListNotificationRules(pb.ListNotificationRulesRequest(name=name))).rules
    if not found:
        raise CommandError(f"There is no rule {name}.", MENDS["NOT_FOUND"])
    return found[0]


def _document(rule: Any) -> dict[str, Any]:
    from angarium.common.v1 import enums_pb2

    return {
        "rule": rule.name,
        "on": rule.is_enabled,
        "events": list(rule.event_types),
        "conditions": list(rule.conditions),
        "recipients": list(rule.recipients),
        "category": _word(enums_pb2.Category.Name(rule.category)),
        "priority": _word(enums_pb2.Priority.Name(rule.priority)),
        "mode": "first" if rule.mode == 2 else "all",
        "channels": [_word(enums_pb2.Channel.Name(one)) for one in rule.channels],
        "template": rule.template_name,
        "when": _when(rule),
        "worth": _worth(rule),
        "cancelled_by": list(rule.cancelled_by),
        "moved_by": list(rule.moved_by),
        "variables": list(rule.variables),
        "can_be_disabled": rule.can_be_disabled,
        "changed": [_FIELDS[one] for one in rule.changed_fields if one in _FIELDS],
    }


def _word(name: str) -> str:
    return name.partition("_")[2].lower()


def _when(rule: Any) -> str:
    span = _spoken(rule.delay.ToTimedelta())
    if rule.before_field:
        return f"{span} before {rule.before_field}"
    return f"{span} after the event" if rule.delay.ToTimedelta() else "at once"


def _worth(rule: Any) -> str:
    parts = [f"for {_spoken(rule.expire_after.ToTimedelta())}"] if rule.HasField("expire_after") else []
    return ", ".join([*parts, *([f"until {rule.until_field}"] if rule.until_field else [])])


def _joined(shown: dict[str, Any]) -> str:
    return (" + " if shown["mode"] == "all" else ", else ").join(shown["channels"])


def _span(text: str) -> timedelta:
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise usage(f"{text!r} is no duration: write 10m, 48h or 2d")
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def _spoken(span: timedelta) -> str:
    left, parts = int(span.total_seconds()), []
    for unit, seconds in reversed(_UNITS.items()):
        number, left = divmod(left, seconds)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts) or "0 s"


def _ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant; errors say how to mend."""
    from angarium.campaign.v1.notification_rule_service_pb2_grpc import NotificationRuleServiceStub
    from cli.operating.tenancy import owner
    from services.common.errors import ServiceError

    async def run() -> T:
        async with owner(StateFolder.at(state), NotificationRuleServiceStub, options.tenant(tenant)) as stub:
            try:
                return await work(stub)
            except ServiceError as error:
                if error.reason not in MENDS:
                    raise
                raise CommandError(f"{error.message.capitalize()}.", MENDS[error.reason]) from None

    return asyncio.run(run())
