"""The command that says what a code would do to an order."""

import asyncio
from typing import Annotated

import typer

from cli import options
from cli.coupons.asking import Several, ask
from cli.output import FAILURE, CommandError, Output
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium coupons check SPRING --contact c-1001 --amount "80 EUR" --tenant 0190…` – what it would take off

`angarium coupons check SPRING --contact c-1001 --amount "80 EUR" --json || echo no` – exit code 1 when it cannot be used
"""
)
def check(
    code: Annotated[str, typer.Argument(help="The code, in any case.")],
    *,
    contact: Annotated[str, typer.Option(help="Id of who orders, or the id in your own system.")],
    amount: Annotated[
        str, typer.Option(metavar="AMOUNT", help="The order before discounts, such as '80 EUR'.")
    ],
    branch: Annotated[str, typer.Option(help="Branch of the sale.")] = "",
    service: Annotated[Several, typer.Option(help="Service in the order; several times.")] = None,
    category: Annotated[Several, typer.Option(help="Category in the order; several times.")] = None,
    other: Annotated[Several, typer.Option(help="Other code on the order; several times.")] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Say whether a code can be used on an order now, what it takes off, or what stands against it; uses nothing."""
    from angarium.campaign.v1 import coupon_service_pb2 as pb
    from cli.contacts import calls as people
    from cli.coupons.showing import REFUSALS
    from cli.operating import tenancy
    from services.common.errors import ServiceError

    order = pb.CouponOrder(
        amount=tenancy.money("--amount", amount),
        branch_id=str(options.uuid("--branch", branch)) if branch else "",
        service_ids=service or [],
        category_ids=category or [],
        other_codes=other or [],
    )
    folder, tenant_id = StateFolder.at(state), options.tenant(tenant)

    async def who() -> str:
        try:
            async with people.contacts(folder, tenant_id) as stub:
                return (await people.found(stub, contact)).contact_id
        except ServiceError as error:
            if error.reason != "NOT_FOUND":
                raise
            raise CommandError(
                f"There is no contact {contact!r}.", "See who there is: angarium contacts list"
            ) from None

    order.contact_id = asyncio.run(who())
    request = pb.ValidateCouponRequest(code=code, order=order)
    found = ask(tenant, state, lambda stub: stub.ValidateCoupon(request))
    out = Output(as_json=as_json)
    word, why = REFUSALS.get(found.invalid_reason, ("", ""))
    discount = tenancy.amount(found.discount) if found.HasField("discount") else None
    service_id = found.coupon.free_service_id or None
    if found.valid:
        out.text(code, f"gives service {service_id}" if service_id else f"takes off {discount}")
    else:
        out.text(code, f"cannot be used: {why or 'nobody knows why'} ({word or 'unknown'})")
    out.result(
        {
            "valid": found.valid,
            "discount": discount,
            "service": service_id,
            "reason": word or None,
            "coupon": found.coupon.coupon_id or None,
        }
    )
    if not found.valid:
        raise typer.Exit(FAILURE)
