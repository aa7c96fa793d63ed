"""`angarium doctor`: checks the set-up and says how to mend what is wrong."""

import asyncio
from dataclasses import asdict

import typer

from cli import options
from cli.checks.finding import Finding, Mark
from cli.checks.machine import check_machine
from cli.output import FAILURE, Output
from cli.spelling import spelled
from cli.state_folder import StateFolder

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_STYLES = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "bold red", Mark.SKIP: "dim"}


@app.command(
    epilog="""
**Examples**

`angarium doctor` – the stack of `.angarium`, running or not

`angarium doctor --json` – for a monitor; exit code 1 when something is broken
"""
)
def doctor(state: options.State = None, as_json: options.Json = False) -> None:
    """Check the set-up and say how to mend what is wrong.

    Looks at Python, the programs, the state folder, secrets, ports, the clock, both stores, migrations, the health of
    every service and the public address. Changes nothing. What cannot be checked while the stack is down is skipped.
    """
    out = Output(as_json=as_json)
    folder = StateFolder.at(state)
    findings = list(check_machine(folder))
    from cli.checks.stores import check_stores

    findings += check_stores(folder)
    findings += asyncio.run(_services(folder))
    _print(out, findings)
    broken = sum(finding.mark is Mark.FAIL for finding in findings)
    out.result({"healthy": not broken, "findings": [asdict(finding) for finding in findings]})
    if broken:
        raise typer.Exit(FAILURE)


async def _services(folder: StateFolder) -> list[Finding]:
    from cli.checks.services import check_services

    return [finding async for finding in check_services(folder)]


def _print(out: Output, findings: list[Finding]) -> None:
    from rich.text import Text

    rows = [
        (Text(str(finding.mark), style=_STYLES[finding.mark]), finding.check, finding.detail)
        for finding in findings
    ]
    out.table(("", "check", "found"), rows)
    mends = [finding for finding in findings if finding.mend and finding.mark in (Mark.FAIL, Mark.WARN)]
    if mends:
        out.line("")
    for finding in mends:
        out.text(f"{finding.check}:", spelled(finding.mend))
    broken = sum(finding.mark is Mark.FAIL for finding in findings)
    out.line("")
    out.line(f"[bold red]{broken} broken[/]" if broken else "[bold green]Nothing is broken.[/]")
