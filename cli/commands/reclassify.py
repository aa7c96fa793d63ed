"""`angarium reclassify`: judges opens and clicks of the past by the present rules (W6)."""

import asyncio
from typing import Annotated

import typer

from cli import options
from cli.commands.jobs import begin
from cli.output import FAILURE, Output
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_JOB, _SERVICE = "engagement_rules", "delivery"


@app.command(
    epilog="""
**Examples**

`angarium reclassify` – after an update that brought newer rules; reports follow within seconds

`angarium reclassify --wait 0 --json` – only ask for it
"""
)
def reclassify(
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for its end; 0 only asks for it.")
    ] = 600,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Judge opens and clicks of the past by the present rules.

    Every hit is kept with its reason and the version of the rules that judged it. Those judged by older rules are
    judged again, and figures of people move with them. It also happens by itself within an hour of an update. Exit
    code 1 when it was skipped, or did not end well or in time.
    """
    out = Output(as_json=as_json)
    outcome, last = asyncio.run(begin(StateFolder.at(state), _JOB, _SERVICE, wait))
    looked_at, changed = (last.seen_count, last.done_count) if last is not None else (0, 0)
    if outcome == "succeeded":
        out.line(f"{looked_at:,} messages were judged again; {changed:,} verdicts are different now.")
    else:
        out.line(
            f"[bold]{_JOB}[/] of {_SERVICE}: {outcome.replace('_', ' ')}. Look later: angarium jobs list"
        )
    out.result({"outcome": outcome, "messages": looked_at, "changed": changed})
    if outcome not in ("requested", "succeeded"):
        raise typer.Exit(FAILURE)
