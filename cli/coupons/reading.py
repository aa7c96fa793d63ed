"""Commands that show coupons, and what was redeemed of them."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from cli import options
from cli.coupons.asking import Named, ask, told
from cli.output import Output

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


class Standing(StrEnum):
    """Whether a coupon can be used."""

    ACTIVE = "active"
    INACTIVE = "inactive"


@app.command(
    "list",
    epilog="""
**Examples**

`angarium coupons list --tenant 0190… --standing active` – newest first, with their uses

`angarium coupons list --text spring --json | jq '.coupons[] | select(.codes.free == 0).name'` – pools that are dry
""",
)
def list_coupons(
    *,
    standing: Annotated[Standing | None, typer.Option(help="Only those that are so.")] = None,
    campaign: Annotated[str, typer.Option(help="Only those whose uses count for this campaign.")] = "",
    text: Annotated[str, typer.Option(help="Only with this in the name, or at the start of the code.")] = "",
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List the coupons of a tenant."""
    from cli.coupons import calls
    from cli.coupons.showing import STATES, document

    out = Output(as_json=as_json)
    filters = {
        "state": STATES[standing.value] if standing else 0,
        "campaign_id": str(options.uuid("--campaign", campaign)) if campaign else "",
        "text": text,
    }
    shown = [document(one) for one in ask(tenant, state, lambda stub: calls.every(stub, limit, **filters))]
    out.table(
        ("coupon", "name", "code", "discount", "until", "used", "of", ""),
        [
            (one["coupon"], one["name"], one["code"] or one["kind"], one["discount"], one["valid_until"],
             one["used"] + one["set_aside"], one["max_uses"], one["state"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"coupons": shown})


@app.command(
    epilog="""
**Examples**

`angarium coupons show SPRING --tenant 0190…` – by its code, its name or its id

`angarium coupons show "Spring pool" --json | jq .coupon.codes` – how many codes are free, held, issued, redeemed
"""
)
def show(
    coupon: Named, tenant: options.Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Show a coupon: its terms, its uses, and what became of its codes."""
    from cli.coupons import calls

    told(ask(tenant, state, lambda stub: calls.named(stub, coupon)), Output(as_json=as_json))


@app.command(
    epilog="""
**Examples**

`angarium coupons redemptions SPRING --tenant 0190… --limit 20` – newest first

`angarium coupons redemptions SPRING --json | jq '[.redemptions[] | select(.reversed == null)] | length'`
"""
)
def redemptions(
    coupon: Named,
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List what was redeemed of a coupon, and what of it was given back."""
    from cli.coupons import calls
    from cli.coupons.showing import redemption

    async def asked(stub: Any) -> Any:
        found = await calls.named(stub, coupon)
        return await calls.redemptions(stub, found.coupon_id, limit)

    shown = [redemption(one) for one in ask(tenant, state, asked)]
    out = Output(as_json=as_json)
    out.table(
        ("redeemed", "code", "contact", "invoice", "order", "discount", "given back"),
        [
            (one["redeemed"], one["code"], one["contact"], one["invoice"], one["order"],
             one["service"] or one["discount"], one["reversed"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"redemptions": shown})
