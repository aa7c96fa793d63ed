"""`angarium rates`: what messages cost, as reports and budgets reckon."""

import asyncio
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from cli import options
from cli.moments import instant
from cli.operating.calls import CHANNELS, stub, word_of
from cli.operating.rates import CLASSES, UNITS, Row, read
from cli.output import Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Tenant = Annotated[
    str, typer.Option(help="Whose rates; without it the platform's, which hold for all tenants.")
]


@app.callback()
def rates() -> None:
    """Show and set what messages cost at each provider."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium rates list --provider meta` – the platform's rates, newest first

`angarium rates list --tenant 0190… --json` – those that one tenant meets
""",
)
def list_rates(
    provider: Annotated[str, typer.Option(help="Only of this provider.")] = "",
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show the rates that are kept."""
    out = Output(as_json=as_json)
    owner = options.uuid("--tenant", tenant) if tenant else None
    found = asyncio.run(_list(StateFolder.at(state), owner, provider))
    out.table(
        ("provider", "channel", "where", "class", "cost", "per", "from", "whose"),
        [
            (one["provider"], one["channel"], one["prefix"] or one["country"] or "everywhere", one["class"] or "all",
             f"{one['cost']} {one['currency']}", one["unit"], one["from"], "platform" if one["is_platform"] else "tenant")
            for one in found
        ],
    )  # fmt: skip
    if not found:
        out.line("There are no rates: costs are unknown, and budgets hold nobody back.")
    out.result({"rates": found})


@app.command(
    "import",
    epilog="""
**Examples**

`angarium rates import examples/rates.csv --dry-run` – read it, and change nothing

`angarium rates import rates.csv` – for all tenants; the columns are explained in examples/rates.csv
""",
)
def import_rates(
    file: Annotated[Path, typer.Argument(help="CSV with a header; lines that begin with # are remarks.")],
    *,
    tenant: Tenant = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Set rates from a file; a row in the place of a known one, with the same day, replaces it."""
    out = Output(as_json=as_json)
    owner = options.uuid("--tenant", tenant) if tenant else None
    try:
        rows = read(file)
    except (OSError, UnicodeError):
        usage(f"{file} cannot be read.", "Name a CSV file in UTF-8")
    except ValueError as error:
        usage(f"{file}: {error}.", "See examples/rates.csv")
    if not dry_run:
        asyncio.run(_put(StateFolder.at(state), owner, rows))
    out.line(f"{len(rows)} rates {'would be' if dry_run else 'are'} set.")
    out.result({"rates": len(rows), "is_dry_run": dry_run})


async def _list(folder: StateFolder, owner: UUID | None, provider: str) -> list[dict[str, Any]]:
    from angarium.delivery.v1 import cost_service_pb2 as pb
    from angarium.delivery.v1 import cost_service_pb2_grpc as grpc_pb

    async with stub(folder, grpc_pb.CostServiceStub, owner) as service:
        found = await listed(service.ListRateCards, pb.ListRateCardsRequest(provider=provider), "rate_cards")
    return [_shown(one) for one in found]


async def _put(folder: StateFolder, owner: UUID | None, rows: list[Row]) -> None:
    from angarium.delivery.v1 import cost_service_pb2 as pb
    from angarium.delivery.v1 import cost_service_pb2_grpc as grpc_pb
    from services.common.ids import uuid7
    from services.common.money import Money

    async with stub(folder, grpc_pb.CostServiceStub, owner) as service:
        for row in rows:
            card = pb.RateCard(
                provider=row.provider,
                channel=row.channel,  # type: ignore[arg-type]  # numbered as in the contract
                country_code=row.country,
                prefix=row.prefix,
                message_class=row.message_class,  # type: ignore[arg-type]  # the same
                unit=row.unit,  # type: ignore[arg-type]  # the same
                cost=Money(row.currency, row.cost).to_proto(),
            )
            if row.valid_from is not None:
                card.valid_from_time.FromDatetime(row.valid_from)
            await service.UpsertRateCard(
                pb.UpsertRateCardRequest(rate_card=card, idempotency_key=str(uuid7()))
            )


def _shown(one: Any) -> dict[str, Any]:
    from services.common.money import Money

    cost = Money.from_proto(one.cost)
    return {
        "provider": one.provider,
        "account": one.provider_account_id,
        "channel": word_of(one.channel, CHANNELS),
        "country": one.country_code,
        "prefix": one.prefix,
        "class": word_of(one.message_class, CLASSES) if one.message_class else "",
        "unit": word_of(one.unit, UNITS),
        "cost": f"{cost.amount.normalize():f}",
        "currency": cost.currency,
        "from": instant(one.valid_from_time),
        "is_platform": one.is_platform,
    }
