"""`angarium providers`: how the accounts at outside carriers are, and closing their circuits by hand."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.operating.calls import stub
from cli.output import FAILURE, Output
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Tenant = Annotated[str, typer.Option(help="Whose accounts; none means those of the platform.")]
_CIRCUITS = {1: "closed", 2: "open", 3: "half open"}


@app.callback()
def providers() -> None:
    """Show how provider accounts are."""


@app.command(
    epilog="""
**Examples**

`angarium providers health --tenant 0190…` – a tenant's accounts, and the platform's that serve it

`angarium providers health --json | jq '.accounts[] | select(.circuit != "closed")'` – for a monitor; exit code 1 when a
circuit is not closed
"""
)
def health(tenant: Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """Show circuits, counters, quotas, warm-up and domains that put mail off."""
    out = Output(as_json=as_json)
    tenant_id = options.uuid("--tenant", tenant) if tenant else None
    found = asyncio.run(_health(StateFolder.at(state), tenant_id))
    out.table(
        ("account", "provider", "circuit", "failures", "taken", "failed", "checked", "today", "last error"),
        [
            (one["name"], one["provider"], "off" if one["disabled"] else one["circuit"], one["consecutive_failures"],
             one["taken"], one["failed"], one["checked"], _today(one), one["last_error"])
            for one in found
        ],
    )  # fmt: skip
    for one in found:
        for domain in one["deferrals"]:
            out.line(
                f"{one['name']}: {domain['domain']} puts mail off until {domain['until']} ({domain['code']})"
            )
    out.result({"accounts": found})
    if any(one["circuit"] != "closed" and not one["disabled"] for one in found):
        out.line(
            "[bold red]A circuit is not closed.[/] It is probed by itself; at once: "
            "angarium providers reset <account>"
        )
        raise typer.Exit(FAILURE)


@app.command(
    epilog="**Example**\n\n`angarium providers reset 0190… --tenant 0190…` – once its provider is back"
)
def reset(
    account: Annotated[str, typer.Argument(help="Id of the account.")],
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Close an account's circuit, set its counters to zero, and forget which domains put mail off."""
    out = Output(as_json=as_json)
    tenant_id = options.uuid("--tenant", tenant) if tenant else None
    found = asyncio.run(_reset(StateFolder.at(state), tenant_id, str(options.uuid("account", account))))
    out.line(f"The circuit of [bold]{found['name']}[/] is closed.")
    out.result({"account": found})


def _today(one: dict[str, Any]) -> str | None:
    maximum = one["warm_up_maximum"]
    return None if maximum is None else f"{one['warm_up_used']:,} of {maximum:,}"


async def _health(folder: StateFolder, tenant_id: UUID | None) -> list[dict[str, Any]]:
    from angarium.delivery.v1 import provider_service_pb2 as pb
    from angarium.delivery.v1 import provider_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.ProviderServiceStub, tenant_id) as service:
        found = await listed(service.ListProviderHealth, pb.ListProviderHealthRequest(), "provider_health")
    return [_shown(one) for one in found]


async def _reset(folder: StateFolder, tenant_id: UUID | None, account_id: str) -> dict[str, Any]:
    from angarium.delivery.v1 import provider_service_pb2 as pb
    from angarium.delivery.v1 import provider_service_pb2_grpc as grpc_pb
    from services.common.ids import uuid7

    async with stub(folder, grpc_pb.ProviderServiceStub, tenant_id) as service:
        request = pb.ResetProviderHealthRequest(provider_account_id=account_id, idempotency_key=str(uuid7()))
        return _shown((await service.ResetProviderHealth(request)).provider_health)


def _shown(one: Any) -> dict[str, Any]:
    return {
        "account": one.provider_account_id,
        "name": one.name,
        "provider": one.provider,
        "platform": one.is_platform,
        "disabled": one.is_disabled,
        "circuit": _CIRCUITS.get(one.circuit, "unknown"),
        "consecutive_failures": one.consecutive_failure_count,
        "taken": one.success_count,
        "failed": one.failure_count,
        "probe": instant_of(one, "probe_time"),
        "checked": instant_of(one, "check_time"),
        "quota_remaining": one.quota_remaining if one.HasField("quota_remaining") else None,
        "warm_up_used": one.warm_up_used_count,
        "warm_up_maximum": one.warm_up_maximum if one.HasField("warm_up_maximum") else None,
        "last_error": one.last_error,
        "deferrals": [
            {"domain": each.domain, "until": instant(each.resume_time), "code": each.code}
            for each in one.deferrals
        ],
    }
