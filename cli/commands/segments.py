"""`angarium segments`: audiences by rule and by list, what they mean and how they are evaluated."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.output import Output
from cli.segments import changing
from cli.segments.asking import Tenant, ask

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
app.registered_commands += changing.app.registered_commands

Named = Annotated[str, typer.Argument(help="Id or name of the segment.", metavar="SEGMENT")]
RuleFile = Annotated[
    Path,
    typer.Argument(help="Rule in TOML or JSON; docs/segments.md shows how.", exists=True, dir_okay=False),
]
Branches = Annotated[list[str] | None, typer.Option("--branch", help="Only of this branch; several times.")]


@app.callback()
def segments() -> None:
    """Save audiences, see who is in them, and how the database finds them."""


@app.command(
    "list",
    epilog="""
**Examples**

`angarium segments list --tenant 0190…` – all of them, with their counts and when they were counted

`angarium segments list --json | jq '.segments[] | select(.contacts == 0).name'` – those without anybody
""",
)
def list_segments(tenant: Tenant = "", state: options.State = None, as_json: options.Json = False) -> None:
    """List the segments of a tenant."""
    from cli.segments import calls

    out = Output(as_json=as_json)
    found = ask(tenant, state, calls.every)
    shown = [_shown(one) for one in found]
    out.table(
        ("segment", "name", "kind", "contacts", "counted"),
        [(one["segment"], one["name"], one["kind"], one["contacts"], one["counted"]) for one in shown],
    )
    out.result({"segments": shown})


@app.command(
    epilog="""
**Examples**

`angarium segments create "Lapsed regulars" lapsed.toml --tenant 0190…` – follows its rule from now on

`angarium segments create "Spring 2027" lapsed.toml --static` – whoever fulfils the rule now, and stays

`angarium segments create "By hand" --static` – an empty list; fill it with `angarium segments members --add`
"""
)
def create(
    name: Annotated[str, typer.Argument(help="Name, unique among the tenant's segments.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="Rule in TOML or JSON; docs/segments.md shows how.", exists=True, dir_okay=False),
    ] = None,
    *,
    static: Annotated[bool, typer.Option("--static", help="Write members down once.")] = False,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    branch: Branches = None,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Create a segment and count it."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import rules
    from services.common.ids import uuid7

    out = Output(as_json=as_json)
    segment = pb.Segment(
        name=name,
        description=description,
        rule=rules.read(file) if file else None,
        branch_ids=branch or [],
        is_dynamic=not static,
    )
    request = pb.CreateSegmentRequest(segment=segment, idempotency_key=str(uuid7()))
    made = ask(tenant, state, lambda stub: stub.CreateSegment(request)).segment
    out.line(f"[bold]{made.name}[/] is {made.segment_id}, with {made.contact_count:,} contacts.")
    out.result(_shown(made))


@app.command(
    epilog="""
**Examples**

`angarium segments preview lapsed.toml --tenant 0190…` – how many, how many could be written to, and some of them

`angarium segments preview lapsed.toml --sample 0 --json` – only figures
"""
)
def preview(
    file: RuleFile,
    sample: Annotated[int, typer.Option(help="How many contacts to show.", min=0, max=100)] = 5,
    branch: Branches = None,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Count a rule without saving it; consent is asked how many could be sent an offer."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from angarium.common.v1 import enums_pb2
    from cli.segments import rules

    out = Output(as_json=as_json)
    request = pb.PreviewSegmentRequest(
        rule=rules.read(file), branch_ids=branch or [], sample_size=sample or 1
    )
    found = ask(tenant, state, lambda stub: stub.PreviewSegment(request))
    channels = [
        {
            "channel": enums_pb2.Channel.Name(one.channel).removeprefix("CHANNEL_").lower(),
            "eligible": one.eligible_count,
            "asked": one.asked_count,
        }
        for one in found.eligibility
    ]
    out.line(f"[bold]{found.contact_count:,}[/] contacts match.")
    out.table(
        ("channel", "could be sent an offer", "asked about"),
        [(one["channel"], one["eligible"], one["asked"]) for one in channels],
    )
    people = [_person(one) for one in found.sample[:sample]]
    out.table(("contact", "name", "email", "phone"), [tuple(one.values()) for one in people])
    out.result({"contacts": found.contact_count, "eligibility": channels, "sample": people})


@app.command(
    epilog="""
**Examples**

`angarium segments explain lapsed.toml --tenant 0190…` – what a rule costs before it is saved

`angarium segments explain "Members" --tenant 0190…` – the same for a saved one
"""
)
def explain(
    what: Annotated[
        str, typer.Argument(help="File with a rule, or id or name of a segment.", metavar="WHAT")
    ],
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Say which SQL counts a segment, which indexes find its contacts, and how long it took."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import calls, rules

    out = Output(as_json=as_json)
    rule = rules.read(Path(what)) if Path(what).is_file() else None

    async def work(stub: Any) -> Any:
        if rule is not None:
            return await stub.ExplainSegment(pb.ExplainSegmentRequest(rule=rule))
        segment = await calls.named(stub, what)
        return await stub.ExplainSegment(pb.ExplainSegmentRequest(segment_id=segment.segment_id))

    found = ask(tenant, state, work)
    out.text("SQL:", found.sql)
    out.table(
        ("step", "table", "index", "expected", "found", "ms"),
        [
            (
                "  " * one.depth + one.node,
                one.table or None,
                one.index or None,
                one.expected_row_count,
                one.row_count if one.HasField("row_count") else None,
                round(one.milliseconds, 1) if one.HasField("milliseconds") else None,
            )
            for one in found.steps
        ],
    )
    if found.is_cut_short:
        out.line("[bold red]It took longer than ten seconds and was stopped;[/] this is what was meant.")
    else:
        out.line(f"[bold]{found.contact_count:,}[/] contacts in {found.execution_milliseconds:,.1f} ms.")
    out.result(
        {
            "sql": found.sql,
            "indexes": list(found.indexes),
            "contacts": found.contact_count if found.HasField("contact_count") else None,
            "milliseconds": found.execution_milliseconds
            if found.HasField("execution_milliseconds")
            else None,
            "cut_short": found.is_cut_short,
        }
    )


@app.command(
    epilog="""
**Examples**

`angarium segments refresh "Members" --tenant 0190…` – evaluates it now; otherwise every six hours

`angarium segments refresh "Spring 2027" --rebuild` – writes a static segment down anew by its rule
"""
)
def refresh(
    segment: Named,
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Also of a static one.")] = False,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Bring a segment's members up to date."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import calls
    from services.common.ids import uuid7

    out = Output(as_json=as_json)

    async def work(stub: Any) -> Any:
        found = await calls.named(stub, segment)
        return await stub.RefreshSegment(
            pb.RefreshSegmentRequest(
                segment_id=found.segment_id, rebuild=rebuild, idempotency_key=str(uuid7())
            )
        )

    found = ask(tenant, state, work)
    out.line(
        f"[bold]{found.segment.name}[/] has {found.segment.contact_count:,} contacts: "
        f"{found.added_count:,} came, {found.removed_count:,} left."
    )
    out.result({**_shown(found.segment), "added": found.added_count, "removed": found.removed_count})


@app.command(
    epilog="""
**Examples**

`angarium segments members "Members" --tenant 0190… --most 20` – who is in it now

`angarium segments members "By hand" --add 0190… --add 0191…` – puts contacts into a static segment

`angarium segments members "By hand" --remove 0190…`
"""
)
def members(
    segment: Named,
    add: Annotated[list[str] | None, typer.Option(help="Id of a contact to add; several times.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="Id of a contact to take out; several times.")
    ] = None,
    most: Annotated[int, typer.Option(help="How many to show at most.", min=1)] = 50,
    tenant: Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Show who is in a segment; put contacts into a static one or take them out."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import calls
    from services.common.ids import uuid7

    out = Output(as_json=as_json)

    async def work(stub: Any) -> Any:
        found = await calls.named(stub, segment)
        if add:
            await stub.AddSegmentMembers(
                pb.AddSegmentMembersRequest(
                    segment_id=found.segment_id, contact_ids=add, idempotency_key=str(uuid7())
                )
            )
        if remove:
            await stub.RemoveSegmentMembers(
                pb.RemoveSegmentMembersRequest(
                    segment_id=found.segment_id, contact_ids=remove, idempotency_key=str(uuid7())
                )
            )
        return await calls.contacts(stub, found.segment_id, most)

    people = [_person(one) for one in ask(tenant, state, work)]
    out.table(("contact", "name", "email", "phone"), [tuple(one.values()) for one in people])
    out.result({"contacts": people})


@app.command(epilog='**Example**\n\n`angarium segments delete "By hand" --tenant 0190…`')
def delete(
    segment: Named, tenant: Tenant = "", state: options.State = None, as_json: options.Json = False
) -> None:
    """Delete a segment that nothing uses any more."""
    from angarium.campaign.v1 import segment_service_pb2 as pb
    from cli.segments import calls
    from services.common.ids import uuid7

    out = Output(as_json=as_json)

    async def work(stub: Any) -> Any:
        found = await calls.named(stub, segment)
        await stub.DeleteSegment(
            pb.DeleteSegmentRequest(segment_id=found.segment_id, idempotency_key=str(uuid7()))
        )
        return found

    found = ask(tenant, state, work)
    out.line(f"[bold]{found.name}[/] is deleted.")
    out.result({"segment": found.segment_id, "deleted": True})


def _shown(one: Any) -> dict[str, Any]:
    from cli.segments import showing

    return showing.segment(one)


def _person(one: Any) -> dict[str, Any]:
    return {
        "contact": one.contact_id,
        "name": one.name or None,
        "email": one.email or None,
        "phone": one.phone or None,
    }
