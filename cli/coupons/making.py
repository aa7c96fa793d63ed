"""Commands that make coupons and take them out of use."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.coupons.asking import Named, Several, ask, told
from cli.output import Output, usage

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

First = Annotated[
    str, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD in the tenant's zone.")
]
Last = Annotated[str, typer.Option("--until", metavar="DAY", help="Last day, included.")]


class Kind(StrEnum):
    """How people come by a code."""

    SHARED = "shared"
    GENERATED = "generated"
    POOL = "pool"


@app.command(
    epilog="""
**Examples**

`angarium coupons create --name Spring --code SPRING --percent 12.5 --until 2027-05-31 --from 2027-03-01 --tenant 0190…`

`angarium coupons create --name Thanks --amount "5 EUR" --kind pool --from 2027-01-01 --until 2027-12-31` – add codes next

`angarium coupons create spring.toml --tenant 0190…` – of a file with the fields of the contract; options decide over it
"""
)
def create(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Coupon in TOML or JSON; docs/coupons.md shows one.", exists=True, dir_okay=False
        ),
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="Name, for those who look after it.")] = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    code: Annotated[str, typer.Option(help="Code that all share; one is made without it.")] = "",
    kind: Annotated[Kind | None, typer.Option(help="One code for all, or one for each recipient.")] = None,
    percent: Annotated[str, typer.Option(metavar="PERCENT", help="Part of the order, such as 12.5.")] = "",
    amount: Annotated[str, typer.Option(metavar="AMOUNT", help="Amount it takes off, such as '5 EUR'.")] = "",
    free_service: Annotated[str, typer.Option(help="Id of a service that is given for nothing.")] = "",
    first_day: First = "",
    last_day: Last = "",
    max_uses: Annotated[int, typer.Option(help="Uses in all; 0 means no limit.", min=0)] = 0,
    per_contact: Annotated[int, typer.Option(help="Uses by one contact; 1 without it.", min=0)] = 0,
    min_order: Annotated[str, typer.Option(metavar="AMOUNT", help="Smallest order, such as '20 EUR'.")] = "",
    max_discount: Annotated[str, typer.Option(metavar="AMOUNT", help="Most that it takes off.")] = "",
    branch: Annotated[Several, typer.Option(help="Only at this branch; several times.")] = None,
    service: Annotated[Several, typer.Option(help="Only with this service; several times.")] = None,
    category: Annotated[Several, typer.Option(help="Only with this category; several times.")] = None,
    segment: Annotated[str, typer.Option(help="Id of the segment it is for.")] = "",
    contact: Annotated[str, typer.Option(help="Id of the one contact it is for.")] = "",
    campaign: Annotated[str, typer.Option(help="Id of the campaign its uses count for.")] = "",
    stacking: Annotated[bool, typer.Option("--stacking", help="Together with others that allow it.")] = False,
    needs_consent: Annotated[
        bool, typer.Option("--needs-consent", help="Only for who agrees to marketing.")
    ] = False,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Create a coupon from options, or from a file; what both say, the options decide."""
    from angarium.campaign.v1 import coupon_pb2
    from angarium.campaign.v1 import coupon_service_pb2 as pb
    from cli.coupons import drafts
    from cli.operating.tenancy import money, new_key

    if sum(map(bool, (percent, amount, free_service))) > 1:
        usage("A coupon has one discount.", "Take one of --percent, --amount and --free-service")
    draft = drafts.read(file) if file else coupon_pb2.Coupon()
    said: dict[str, Any] = {
        "name": name,
        "description": description,
        "code": code,
        "code_kind": f"CODE_KIND_{kind.value.upper()}" if kind else None,
        "percentage": drafts.percentage("--percent", percent) if percent else None,
        "amount": money("--amount", amount) if amount else None,
        "free_service_id": free_service,
        "valid_from_date": first_day,
        "valid_until_date": last_day,
        "max_total_uses": max_uses,
        "max_uses_per_contact": per_contact,
        "min_order_amount": money("--min-order", min_order) if min_order else None,
        "max_discount_amount": money("--max-discount", max_discount) if max_discount else None,
        "branch_ids": [str(options.uuid("--branch", one)) for one in branch or []],
        "service_ids": service,
        "category_ids": category,
        "segment_id": str(options.uuid("--segment", segment)) if segment else "",
        "contact_id": str(options.uuid("--contact", contact)) if contact else "",
        "campaign_id": str(options.uuid("--campaign", campaign)) if campaign else "",
        "allow_stacking": stacking,
        "requires_marketing_consent": needs_consent,
    }
    given = {field: value for field, value in said.items() if value}
    for field in given:
        draft.ClearField(field)
    draft.MergeFrom(coupon_pb2.Coupon(**given))
    if not draft.name or draft.WhichOneof("discount") is None:
        usage(
            "A coupon needs a name and a discount.",
            "For example: --name Spring --percent 10 – or a file: angarium coupons create spring.toml",
        )
    if not draft.valid_from_date or not draft.valid_until_date:
        usage("Nobody knows when it can be used.", "Name its days: --from 2027-03-01 --until 2027-05-31")
    request = pb.CreateCouponRequest(coupon=draft, idempotency_key=new_key())
    made = ask(tenant, state, lambda stub: stub.CreateCoupon(request)).coupon
    out = Output(as_json=as_json)
    told(made, out)
    if draft.code_kind == coupon_pb2.Coupon.CODE_KIND_POOL:
        out.line(f"Its pool is empty: [bold]angarium coupons codes add {made.coupon_id} FILE[/]")


@app.command(
    epilog="""
**Examples**

`angarium coupons deactivate SPRING --tenant 0190…`

`angarium coupons deactivate 0190… --json | jq .coupon.set_aside` – uses of orders that are still open
"""
)
def deactivate(
    coupon: Named, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Take a coupon out of use; uses that are set aside for open orders stay good."""
    from angarium.campaign.v1 import coupon_service_pb2 as pb
    from cli.coupons import calls
    from cli.coupons.showing import document
    from cli.operating.tenancy import new_key

    async def asked(stub: Any) -> Any:
        found = await calls.named(stub, coupon)
        request = pb.DeactivateCouponRequest(coupon_id=found.coupon_id, idempotency_key=new_key())
        return (await stub.DeactivateCoupon(request)).coupon

    found = ask(tenant, state, asked)
    out = Output(as_json=as_json)
    out.text(found.name, f"is out of use; {found.reserved_uses:,} uses are set aside for open orders.")
    out.result({"coupon": document(found)})
