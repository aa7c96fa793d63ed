"""Commands that fill pools of codes."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import options
from cli.coupons.asking import Named, ask
from cli.output import FAILURE, CommandError, Output, usage

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_MOST_SHOWN = 40


@app.callback()
def codes() -> None:
    """Fill the pool of a coupon whose recipients get codes of their own."""


@app.command(
    epilog="""
**Examples**

`angarium coupons codes add "Spring pool" codes.txt --tenant 0190…` – one code per line

`angarium coupons codes add 0190… codes.txt --json | jq '.refused[]'` – every refused line, by the reason
"""
)
def add(
    coupon: Named,
    file: Annotated[
        Path,
        typer.Argument(
            help="One code per line, 4-50 of A-Z, 0-9, - and _; # begins a comment.",
            exists=True,
            dir_okay=False,
        ),
    ],
    tenant: options.Tenant = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Add the codes of a file to a pool, as many as there are.

    A bad line is told with its number and reason and costs no other. The same file may be added again, whole or after an
    interruption: a code that is there stays as it is.
    """
    from angarium.campaign.v1 import coupon_pb2
    from cli.coupons import calls, pools

    out = Output(as_json=as_json)
    total = sum(1 for _ in pools.lines(file))
    if not total:
        usage(f"{file} holds no code.", "One code per line: SPRING-7KQ2")

    async def asked(stub: Any) -> pools.CodesReport:
        found = await calls.named(stub, coupon)
        if found.code_kind != coupon_pb2.Coupon.CODE_KIND_POOL:
            raise CommandError(
                f"{found.name} takes no codes from a pool.",
                "Make one that does: angarium coupons create --kind pool --help",
            )
        with out.progress(f"Adding {file.name}", total) as advance:
            return await pools.add(stub, found.coupon_id, file, advance)

    report = ask(tenant, state, asked)
    out.line(
        f"added [bold]{report.added:,}[/]   known [bold]{report.known:,}[/]   "
        f"refused [bold]{report.refused_count:,}[/]"
    )
    shown = report.first_refused(_MOST_SHOWN)
    for line, reason in shown:
        out.text(f"line {line:<8}", reason)
    if report.refused_count > len(shown):
        out.line(f"… and {report.refused_count - len(shown):,} more refused lines; all of them: --json")
    out.result(
        {
            "lines": report.read,
            "added": report.added,
            "known": report.known,
            "refused": [{"reason": reason, "lines": list(lines)} for reason, lines in report.refused.items()],
        }
    )
    if report.refused_count == report.read:
        raise typer.Exit(FAILURE)
