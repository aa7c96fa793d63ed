"""The command that writes reports as files."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli import options
from cli.output import CommandError, Output, usage
from cli.reports.asking import download, time_range
from cli.reports.given import Days, First, Last
from cli.state_folder import StateFolder

app = typer.Typer()


class Format(StrEnum):
    """Format of a file."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@app.command(
    epilog="""
**Examples**

`angarium reports export campaigns --tenant 0190… --days 90 --output campaigns.parquet` – the ending says the format

`angarium reports export timeline --contact 0190… --tenant 0190… > timeline.csv`

`angarium reports export metrics --tenant 0190… --format json --output metrics.jsonl --json`
"""
)
def export(  # noqa: PLR0917 - a command has as many options as there are reports
    report: Annotated[
        str,
        typer.Argument(
            help="metrics, channels, types, templates, providers, cost, campaigns, campaign, ab, links, spend, compliance or timeline."
        ),
    ],
    tenant: options.Tenant = "",
    days: Days = 30,
    first: First = "",
    last: Last = "",
    campaign: Annotated[str, typer.Option(help="Id of the campaign, for campaign, ab and links.")] = "",
    contact: Annotated[str, typer.Option(help="Id of the contact, for timeline.")] = "",
    file_format: Annotated[
        Format | None, typer.Option("--format", help="By default what the file's ending says, else csv.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output without it.")
    ] = None,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Write a report as a file: CSV, one JSON object per line, or Parquet."""
    from angarium.analytics.v1 import report_service_pb2 as pb

    out = Output(as_json=as_json)
    if as_json and output is None:
        usage("--json tells of a file.", "Name one: --output <file>")
    chosen = file_format or _by_ending(output)
    request = pb.ExportReportRequest(format=list(Format).index(chosen) + 1)  # type: ignore[arg-type]
    wanted = getattr(request, _exportable(report))
    wanted.SetInParent()
    fields = wanted.DESCRIPTOR.fields_by_name
    if "range" in fields and report != "timeline":
        wanted.range.CopyFrom(time_range(days, first, last))
    for name, given in (("campaign_id", campaign), ("contact_id", contact)):
        if name in fields:
            word = name.removesuffix("_id")
            if not given:
                usage(f"{report} needs to know which {word}.", f"Name it: --{word} <id>")
            setattr(wanted, name, str(options.uuid(f"--{word}", given)))
    try:
        with output.open("wb") if output else open(sys.stdout.fileno(), "wb", closefd=False) as file:
            size = asyncio.run(download(StateFolder.at(state), options.tenant(tenant), request, file))
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}", "Name another file.") from None
    if output is not None:
        out.line(f"Wrote {size:,} bytes of {chosen.value} to [bold]{output}[/].")
    out.result({"file": str(output), "format": chosen.value, "bytes": size})


_EXPORTS = {
    "metrics": "metrics",
    "channels": "channel_metrics",
    "types": "top_types",
    "templates": "top_templates",
    "providers": "delivery_stats",
    "cost": "cost_metrics",
    "campaigns": "campaign_performance",
    "campaign": "campaign_report",
    "ab": "ab_test_report",
    "links": "link_report",
    "spend": "spend_summary",
    "compliance": "compliance_report",
    "timeline": "contact_timeline",
}


def _exportable(report: str) -> str:
    found = _EXPORTS.get(report)
    if found is None:
        usage(f"There is no report {report!r}.", f"Take one of: {', '.join(_EXPORTS)}")
    return found


def _by_ending(output: Path | None) -> Format:
    ending = output.suffix.lstrip(".").lower() if output else ""
    return {"parquet": Format.PARQUET, "json": Format.JSON, "jsonl": Format.JSON}.get(ending, Format.CSV)
