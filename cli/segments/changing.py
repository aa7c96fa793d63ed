"""Commands that change segments, and whom campaigns leave out of them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.output import Output, usage
from cli.segments.asking import Tenant, ask

app = typer.Typer()

_HUNDREDTHS = 100


@app.command(
    epilog="""
**Examples**

`angarium segments change "Lapsed regulars" --rule lapsed.toml --tenant 0190…` – another rule; it is counted at once

`angarium segments change "Members" --off` – brought up to date no more, until `--on`

`angarium segments change "By hand" --name "Fair 2027"`
"""
)
def change(
    segment: Annotated[str, typer.Argument(help="Id or name of the segment.", metavar="SEGMENT")],
    rule: Annotated[
        Path | None,
        typer.Option(help="File with the rule; docs/segments.md shows how.", exists=True, dir_okay=False),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    branch: Annotated[
        list[str] | None, typer.Option("--branch", help="Only of this branch; several times.")
    ] = None,
    *,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether it is brought up to date.")] = None,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Change a segment: what is named, and nothing else."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import calls, rules, showing
    from services.common.ids import uuid7

    out = Output(as_json=as_json)
    given: dict[str, Any] = {
        "rule": rules.read(rule) if rule else None,
        "name": name,
        "description": description,
        "branch_ids": branch,
        "is_active": on,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    if not changes:
        usage("Nothing is to change.", "Name it: --rule, --name, --description, --branch, --on or --off")

    async def work(stub: Any) -> Any:
        known = await calls.named(stub, segment)
        request = pb.UpdateSegmentRequest(
            segment=pb.Segment(segment_id=known.segment_id, etag=known.etag, **changes),
            idempotency_key=str(uuid7()),
        )
        request.update_mask.paths.extend(changes)
        return (await stub.UpdateSegment(request)).segment

    found = ask(tenant, state, work)
    out.line(f"[bold]{found.name}[/] is changed, and has {found.contact_count:,} contacts.")
    out.result(showing.segment(found))


@app.command(
    epilog="""
**Examples**

`angarium segments holdout --percent 5 --tenant 0190…` – campaigns leave five of a hundred contacts out

`angarium segments holdout "Lapsed regulars" --tenant 0190…` – how many they leave out of a segment
"""
)
def holdout(
    segment: Annotated[
        str, typer.Argument(help="Id or name of the segment; none means all contacts.", metavar="[SEGMENT]")
    ] = "",
    percent: Annotated[
        float | None, typer.Option(help="Share that is left out; 0 means nobody.", min=0, max=50)
    ] = None,
    *,
    redraw: Annotated[bool, typer.Option("--redraw", help="Draw others than before.")] = False,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show or set how many campaigns leave out, to compare with people who got none."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import calls
    from services.common.ids import uuid7

    out = Output(as_json=as_json)
    if redraw and percent is None:
        usage("--redraw sets a holdout.", "Say how many are left out as well: --percent 5")

    async def work(stub: Any) -> Any:
        segment_id = (await calls.named(stub, segment)).segment_id if segment else ""
        if percent is None:
            return (await stub.GetHoldout(pb.GetHoldoutRequest(segment_id=segment_id))).holdout
        wanted = pb.Holdout(segment_id=segment_id, basis_points=round(percent * _HUNDREDTHS))
        request = pb.SetHoldoutRequest(holdout=wanted, redraw=redraw, idempotency_key=str(uuid7()))
        return (await stub.SetHoldout(request)).holdout

    share = ask(tenant, state, work).basis_points / _HUNDREDTHS
    of = segment or "all contacts"
    out.line(
        f"Campaigns leave [bold]{share:g} %[/] of {of} out." if share else f"Nobody of {of} is left out."
    )
    out.result({"segment": segment or None, "percent": share})
