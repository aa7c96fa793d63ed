"""`angarium limits`: how many messages may leave, and what is counted now."""

import asyncio
from typing import Annotated, Any

import typer

from cli import options
from cli.moments import instant_of
from cli.operating.calls import CHANNELS, number_of, period, seconds, stub, word_of
from cli.output import Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

SCOPES = {"contact": 1, "tenant": 2, "global": 3}
_MAXIMA = ("max_per_minute", "max_per_hour", "max_per_day", "burst_limit")

Channel = Annotated[str, typer.Argument(help=f"Which: {', '.join(CHANNELS)}.")]
Scope = Annotated[str, typer.Argument(help=f"Whose messages count together: {', '.join(SCOPES)}.")]
Subject = Annotated[str, typer.Option(help="Id of one contact or tenant.")]
Tenant = Annotated[str, typer.Option(help="The tenant of a contact.")]


@app.callback()
def limits() -> None:
    """Show and set how many messages may leave, per contact, per tenant and over all."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium limits list` – the rules; limits of the settings show in `angarium limits status`

`angarium limits list --json | jq '.rules[] | select(.channel == "sms")'`
""",
)
def list_rules(state: options.State = None, as_json: options.Json = False) -> None:
    """Show the rules that operators have set."""
    out = Output(as_json=as_json)
    found = asyncio.run(_rules(StateFolder.at(state)))
    out.table(
        ("channel", "scope", "subject", "a minute", "an hour", "a day", "burst", "set by", "id"),
        [
            (one["channel"], one["scope"], one["subject"] or "each", *(one[name] or None for name in _MAXIMA),
             one["changed_by"], one["id"])
            for one in found
        ],
    )  # fmt: skip
    if not found:
        out.line("There are no rules: only the limits of the settings hold.")
    out.result({"rules": found})


@app.command(
    "set",
    epilog="""
**Examples**

`angarium limits set sms contact --minute 2 --hour 10 --day 50 --burst 3` – for each contact

`angarium limits set email tenant --subject 0190… --day 50000` – for one tenant

`angarium limits set email global --minute 3000` – over all
""",
)
def set_rule(
    channel: Channel,
    scope: Scope,
    *,
    minute: Annotated[int, typer.Option(min=0, help="Messages in any minute; 0 means no limit.")] = 0,
    hour: Annotated[int, typer.Option(min=0, help="Messages in any hour.")] = 0,
    day: Annotated[int, typer.Option(min=0, help="Messages in any 24 hours.")] = 0,
    burst: Annotated[
        int, typer.Option(min=0, help="How many may leave at once under the shortest of them.")
    ] = 0,
    subject: Subject = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Set a rule, or replace the one of the same channel, scope and subject; it holds within five seconds."""
    out = Output(as_json=as_json)
    if not (minute or hour or day):
        usage("A rule without a maximum holds nobody.", "Give --minute, --hour or --day")
    where = _where(channel, scope, subject, tenant)
    values = dict(zip(_MAXIMA, (minute, hour, day, burst), strict=True))
    found = asyncio.run(_set(StateFolder.at(state), {**where, **values}))
    out.line(f"[bold]{found['id']}[/] holds.")
    out.result({"rule": found})


@app.command(epilog="**Example**\n\n`angarium limits delete 0190…` – the id is in `angarium limits list`")
def delete(
    rule: Annotated[str, typer.Argument(help="Id of the rule.")],
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Delete a rule."""
    out = Output(as_json=as_json)
    rule_id = str(options.uuid("rule", rule))
    asyncio.run(_delete(StateFolder.at(state), rule_id))
    out.line("The rule is gone.")
    out.result({"deleted": rule_id})


@app.command(
    epilog="""
**Examples**

`angarium limits status email global` – what left of the deployment's minute

`angarium limits status sms contact --subject 0190… --tenant 0190…` – why somebody waits
"""
)
def status(
    channel: Channel,
    scope: Scope,
    subject: Subject = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show what each window in force has counted; looking changes nothing."""
    out = Output(as_json=as_json)
    found = asyncio.run(_status(StateFolder.at(state), _where(channel, scope, subject, tenant)))
    out.table(
        ("in any", "at most", "counted", "left", "next place", ""),
        [
            (period(one["seconds"]), one["max"], one["current"], one["remaining"], one["reset"],
             "setting" if one["is_default"] else "rule")
            for one in found
        ],
    )  # fmt: skip
    if not found:
        out.line("No limit is in force.")
    out.result({"windows": found})


@app.command(
    epilog="""
**Example**

`angarium limits reset sms contact --subject 0190… --tenant 0190… --reason "wrong number"` – caps go on counting
"""
)
def reset(
    channel: Channel,
    scope: Scope,
    reason: Annotated[str, typer.Option(help="Why; the audit trail keeps it.")],
    subject: Subject = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Let the windows of a contact, a tenant or a channel begin anew."""
    out = Output(as_json=as_json)
    where = _where(channel, scope, subject, tenant)
    asyncio.run(_reset(StateFolder.at(state), where, reason))
    out.line("They begin anew.")
    out.result({"reset": {name: str(value) for name, value in where.items()}})


def _where(channel: str, scope: str, subject: str, tenant: str) -> dict[str, Any]:
    return {
        "channel": number_of("channel", channel, CHANNELS),
        "scope": number_of("scope", scope, SCOPES),
        "subject_id": str(options.uuid("--subject", subject)) if subject else "",
        "tenant_id": str(options.uuid("--tenant", tenant)) if tenant else "",
    }


async def _rules(folder: StateFolder) -> list[dict[str, Any]]:
    from angarium.delivery.v1 import limit_service_pb2 as pb
    from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.LimitServiceStub) as service:
        found = await listed(service.ListRateLimitRules, pb.ListRateLimitRulesRequest(), "rules")
    return [_rule(one) for one in found]


async def _set(folder: StateFolder, fields: dict[str, Any]) -> dict[str, Any]:
    from angarium.delivery.v1 import limit_service_pb2 as pb
    from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb
    from services.common.ids import uuid7

    async with stub(folder, grpc_pb.LimitServiceStub) as service:
        request = pb.SetRateLimitRuleRequest(rule=pb.RateLimitRule(**fields), idempotency_key=str(uuid7()))
        return _rule((await service.SetRateLimitRule(request)).rule)


async def _delete(folder: StateFolder, rule_id: str) -> None:
    from angarium.delivery.v1 import limit_service_pb2 as pb
    from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.LimitServiceStub) as service:
        await service.DeleteRateLimitRule(pb.DeleteRateLimitRuleRequest(rate_limit_rule_id=rule_id))


async def _status(folder: StateFolder, where: dict[str, Any]) -> list[dict[str, Any]]:
    from angarium.delivery.v1 import limit_service_pb2 as pb
    from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.LimitServiceStub) as service:
        answer = await service.GetRateLimitStatus(pb.GetRateLimitStatusRequest(**where))
    return [
        {
            "seconds": seconds(one.period),
            "max": one.max_count,
            "current": one.current_count,
            "remaining": one.remaining_count,
            "reset": instant_of(one, "reset_time"),
            "is_default": one.is_default,
        }
        for one in answer.windows
    ]


async def _reset(folder: StateFolder, where: dict[str, Any], reason: str) -> None:
    from angarium.delivery.v1 import limit_service_pb2 as pb
    from angarium.delivery.v1 import limit_service_pb2_grpc as grpc_pb
    from services.common.ids import uuid7

    async with stub(folder, grpc_pb.LimitServiceStub) as service:
        await service.ResetRateLimit(
            pb.ResetRateLimitRequest(**where, reason=reason, idempotency_key=str(uuid7()))
        )


def _rule(one: Any) -> dict[str, Any]:
    return {
        "id": one.rate_limit_rule_id,
        "channel": word_of(one.channel, CHANNELS),
        "scope": word_of(one.scope, SCOPES),
        "subject": one.subject_id or None,
        "tenant": one.tenant_id or None,
        **{name: getattr(one, name) for name in _MAXIMA},
        "changed_by": one.changed_by,
    }
