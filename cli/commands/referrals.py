"""`angarium referrals`: who brought whom, by which terms, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cli import options
from cli.moments import instant, instant_of
from cli.output import CommandError, Output, usage
from cli.paging import listed
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

T = TypeVar("T")
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]
Reason = Annotated[str, typer.Option(help="Why; kept with the referral and in the audit.")]
MENDS = {
    "REFERRAL_DISABLED": "Switch the programme on: angarium referrals terms --enabled",
    "INVALID_REFERRAL_CODE": "See the code of a contact: angarium referrals code <contact>",
    "REFERRAL_LIMIT_REACHED": "See the limit: angarium referrals terms",
    "ALREADY_REFERRED": "See by whom: angarium referrals list",
    "NOT_FOUND": "See what there is: angarium referrals list",
}


class Standing(StrEnum):
    """Where a referral stands."""

    PENDING = "pending"
    CONVERTED = "converted"
    REWARDED = "rewarded"
    EXPIRED = "expired"
    FRAUD = "fraud"


class RewardOn(StrEnum):
    """What makes a referral count."""

    SIGNUP = "signup"
    FIRST_VISIT = "first_visit"
    FIRST_PAID_VISIT = "first_paid_visit"


@app.callback()
def referrals() -> None:
    """See who brought whom and what both have of it, and judge what looks like fraud."""


@app.command(
    epilog="""
**Examples**

`angarium referrals terms --tenant 0190…` – how the programme works

`angarium referrals terms --max-per-month 20 --reward-on first_visit` – changes what is named, and nothing else

`angarium referrals terms --no-enabled` – takes no new referrals; those that stand go on
"""
)
def terms(
    *,
    enabled: Annotated[bool | None, typer.Option(help="Whether new referrals are taken.")] = None,
    points: Annotated[int | None, typer.Option(help="Points for the referrer.", min=1, max=1_000_000)] = None,
    percent: Annotated[
        float | None, typer.Option(help="Percent off for the referrer.", min=0.01, max=100)
    ] = None,
    friend_percent: Annotated[
        float | None, typer.Option(help="Percent off for the referred person.", min=0.01, max=100)
    ] = None,
    max_per_month: Annotated[
        int | None, typer.Option(help="Referrals of one referrer a month.", min=1)
    ] = None,
    reward_on: Annotated[RewardOn | None, typer.Option(help="What makes a referral count.")] = None,
    expires_after_days: Annotated[int | None, typer.Option(help="Days until it expires.", min=1)] = None,
    clawback_days: Annotated[
        int | None, typer.Option(help="Days in which a full refund takes rewards back.", min=0)
    ] = None,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show the terms of the programme, or change those that are named."""
    from angarium.campaign.v1 import referral_pb2
    from angarium.campaign.v1 import referral_service_pb2 as pb
    from cli.operating.tenancy import new_key

    if points and percent:
        usage("A referrer gets one reward.", "Name --points or --percent")
    changes: dict[str, Any] = {
        "is_enabled": enabled,
        "referrer_reward": _reward(points, percent),
        "referred_reward": _reward(None, friend_percent),
        "max_referrals_per_month": max_per_month,
        "reward_on": f"REWARD_ON_{reward_on.name}" if reward_on else None,
        "expires_after_days": expires_after_days,
        "clawback_days": clawback_days,
    }
    changes = {name: value for name, value in changes.items() if value is not None}

    async def work(stub: Any) -> Any:
        known = (await stub.GetReferralSettings(pb.GetReferralSettingsRequest())).settings
        if not changes:
            return known
        request = pb.UpdateReferralSettingsRequest(
            settings=referral_pb2.ReferralSettings(etag=known.etag, **changes), idempotency_key=new_key()
        )
        request.update_mask.paths.extend(changes)
        return (await stub.UpdateReferralSettings(request)).settings

    shown = _terms(_ask(tenant, state, work))
    out = Output(as_json=as_json)
    for name, value in shown.items():
        out.text(f"{name:<22}", str(value))
    out.result({"terms": shown})


@app.command(
    epilog="**Example**\n\n`angarium referrals code 0190… --tenant 0190…` – and the address that carries it"
)
def code(
    contact: Annotated[str, typer.Argument(help="Id of the contact who refers.")],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show the code by which a contact refers others; the first question makes it."""
    from angarium.campaign.v1 import referral_service_pb2 as pb

    request = pb.GetReferralCodeRequest(contact_id=str(options.uuid("contact", contact)))
    found = _ask(tenant, state, lambda stub: stub.GetReferralCode(request))
    out = Output(as_json=as_json)
    out.text(found.code, found.share_url)
    out.result({"code": found.code, "share_url": found.share_url})


@app.command(
    "list",
    epilog="""
**Examples**

`angarium referrals list --tenant 0190… --standing converted` – rewards that are on their way

`angarium referrals list --referrer 0190… --json | jq '.referrals | length'`
""",
)
def list_referrals(
    *,
    standing: Annotated[Standing | None, typer.Option(help="Only those that stand so.")] = None,
    referrer: Annotated[str, typer.Option(help="Only those of this contact.")] = "",
    limit: Limit = 50,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """List referrals, newest first."""
    from angarium.campaign.v1 import referral_service_pb2 as pb

    filters: dict[str, Any] = {
        "state": f"STATE_{standing.name}" if standing else 0,
        "referrer_contact_id": str(options.uuid("--referrer", referrer)) if referrer else "",
    }

    async def work(stub: Any) -> list[Any]:
        return await listed(stub.ListReferrals, pb.ListReferralsRequest(**filters), "referrals", limit)

    shown = [_document(one) for one in _ask(tenant, state, work)]
    out = Output(as_json=as_json)
    out.table(
        ("referral", "code", "referrer", "referred", "made", "state", "invoice", "reward"),
        [
            (one["referral"], one["code"], one["referrer"], one["referred"], one["made"],
             one["fraud_reason"] or one["state"], one["first_invoice"], one["referrer_reward"])
            for one in shown
        ],
    )  # fmt: skip
    out.result({"referrals": shown})


@app.command(
    epilog="**Example**\n\n`angarium referrals leaders --tenant 0190… --limit 5` – fraud does not count"
)
def leaders(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=100)] = 10,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show who brought most people."""
    from angarium.campaign.v1 import referral_service_pb2 as pb

    request = pb.GetReferralLeaderboardRequest(limit=limit)
    found = _ask(tenant, state, lambda stub: stub.GetReferralLeaderboard(request))
    shown = [
        {
            "contact": one.contact_id,
            "name": one.name,
            "converted": one.converted_count,
            "rewarded": one.rewarded_count,
            "last": instant(one.last_convert_time),
        }
        for one in found.referrers
    ]
    out = Output(as_json=as_json)
    out.table(("contact", "name", "count", "rewarded", "last"), [tuple(one.values()) for one in shown])
    out.result({"leaders": shown})


@app.command(epilog="**Example**\n\n`angarium referrals mark 0190… --reason 'same household' --tenant 0190…`")
def mark(
    referral: Annotated[str, typer.Argument(help="Id of the referral.")],
    reason: Reason,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Mark a referral as fraud: coupons nobody used end, points are asked back."""
    from angarium.campaign.v1 import referral_service_pb2 as pb
    from cli.operating.tenancy import new_key

    request = pb.MarkReferralFraudRequest(
        referral_id=str(options.uuid("referral", referral)), reason=reason, idempotency_key=new_key()
    )
    found = _ask(tenant, state, lambda stub: stub.MarkReferralFraud(request)).referral
    _told(found, as_json=as_json)


@app.command(
    epilog="**Example**\n\n`angarium referrals clear 0190… --reason 'two people after all' --tenant 0190…`"
)
def clear(
    referral: Annotated[str, typer.Argument(help="Id of the referral.")],
    reason: Reason,
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Put a referral back where it stood before it was marked, with what was taken."""
    from angarium.campaign.v1 import referral_service_pb2 as pb
    from cli.operating.tenancy import new_key

    request = pb.ClearReferralFraudRequest(
        referral_id=str(options.uuid("referral", referral)), reason=reason, idempotency_key=new_key()
    )
    found = _ask(tenant, state, lambda stub: stub.ClearReferralFraud(request)).referral
    _told(found, as_json=as_json)


def _ask(tenant: str, state: Path | None, work: Callable[[Any], Awaitable[T]]) -> T:
    """Returns what campaign answers to an owner of the tenant; errors say how to mend."""
    from angarium.campaign.v1.referral_service_pb2_grpc import ReferralServiceStub
    from cli.operating.tenancy import owner
    from services.common.errors import ServiceError

    async def run() -> T:
        async with owner(StateFolder.at(state), ReferralServiceStub, options.tenant(tenant)) as stub:
            try:
                return await work(stub)
            except ServiceError as error:
                if error.reason not in MENDS:
                    raise
                raise CommandError(f"{error.message.capitalize()}.", MENDS[error.reason]) from None

    return asyncio.run(run())


def _told(found: Any, *, as_json: bool) -> None:
    shown = _document(found)
    out = Output(as_json=as_json)
    out.line(f"The referral is [bold]{shown['state']}[/].")
    out.result({"referral": shown})


def _reward(points: int | None, percent: float | None) -> Any:
    from angarium.campaign.v1 import referral_pb2

    if points:
        return referral_pb2.ReferralReward(points=points)
    return referral_pb2.ReferralReward(percentage=round(percent * 100)) if percent else None


def _terms(found: Any) -> dict[str, Any]:
    from angarium.campaign.v1 import referral_pb2
    from cli.operating.tenancy import amount

    word = referral_pb2.ReferralSettings.RewardOn.Name(found.reward_on)
    return {
        "enabled": found.is_enabled,
        "referrer": found.referrer_reward.description,
        "referred": found.referred_reward.description,
        "max_per_month": found.max_referrals_per_month,
        "min_order": amount(found.min_order_for_reward),
        "reward_on": word.removeprefix("REWARD_ON_").lower(),
        "expires_after_days": found.expires_after_days,
        "clawback_days": found.clawback_days,
    }


def _document(one: Any) -> dict[str, Any]:
    from angarium.campaign.v1 import referral_pb2

    return {
        "referral": one.referral_id,
        "code": one.referral_code,
        "referrer": one.referrer_contact_id,
        "referred": one.referred_contact_id,
        "phone": one.masked_phone,
        "state": referral_pb2.Referral.State.Name(one.state).removeprefix("STATE_").lower(),
        "made": instant(one.create_time),
        "expires": instant(one.expire_time),
        "counted": instant_of(one, "convert_time"),
        "first_invoice": one.first_invoice_id or None,
        "referrer_reward": one.referrer_reward.description or None,
        "referred_coupon": one.referred_reward.coupon_code or None,
        "fraud_reason": one.fraud_reason or None,
    }
