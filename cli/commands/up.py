"""`angarium up`: the whole stack on this machine, under one supervisor."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from cli import options
from cli.installation import Installation
from cli.output import CommandError, Output
from cli.secrets import SERVICES
from cli.spelling import spelled
from cli.state_folder import StateFolder
from cli.supervisor import AlreadyRunning, RoleFailed, Supervisor

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


class LogLevel(StrEnum):
    """From which level on lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@app.command(
    epilog="""
**Examples**

`angarium up` – everything, with its data in `.angarium`

`angarium up --workers 4 --no-sandbox` – more hands, and real providers only

`DATABASE_URL=postgresql://… REDIS_URL=redis://… angarium up` – stores of your own

`angarium up --state /var/lib/angarium` – data elsewhere
"""
)
def up(
    workers: Annotated[int, typer.Option(help="Delivery workers.", min=1, max=64)] = 2,
    sandbox: Annotated[
        bool, typer.Option("--sandbox/--no-sandbox", help="Provider emulators and the mailbox page.")
    ] = True,
    log_level: Annotated[
        LogLevel | None,
        typer.Option(help="From which level on roles write.", show_default="LOG_LEVEL, else info"),
    ] = None,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Start the whole stack; Ctrl-C drains it.

    PostgreSQL, Valkey, migrations, the four services, workers, the gateway and the sandbox run as processes of their
    own, with generated secrets and free ports that stay the same from one start to the next. A role that dies is
    started again. Ctrl-C lets every role finish its work in hand; a second Ctrl-C ends everything at once.

    With `--json`, one document with addresses and pids is printed once all roles are ready.
    """
    environment = {**os.environ, **({"LOG_LEVEL": str(log_level)} if log_level else {})}
    folder = StateFolder.at(state)
    try:
        installation = Installation(folder, workers=workers, sandbox=sandbox, environment=environment)
        asyncio.run(_run(installation, Output(as_json=as_json)))
    except AlreadyRunning as running:
        raise CommandError(
            f"The stack already runs in {folder.path} (pid {running.pid}).",
            "Look at it: angarium status – end it: angarium down – or start another: angarium up --state …",
        ) from running
    except RoleFailed as failed:
        said = "".join(f"\n  {line}" for line in failed.said.splitlines()[-12:])
        raise CommandError(
            f"{failed.role} {failed.message}; its log ends with:{said}",
            f"Mend what it names; the whole log is {failed.log}, and `angarium doctor` looks for causes.",
        ) from failed


async def _run(installation: Installation, out: Output) -> None:
    supervisor = _supervisor(installation, out)
    stop = asyncio.Event()
    signals = [signal.SIGINT, signal.SIGTERM]

    def ended() -> None:
        if stop.is_set():
            out.line("Ending everything at once.")
            supervisor.kill()
            return
        stop.set()
        out.line("Draining; Ctrl-C again ends everything at once.")

    loop = asyncio.get_running_loop()
    for number in signals:
        loop.add_signal_handler(number, ended)
    began = time.monotonic()
    starting = asyncio.create_task(supervisor.start())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            _tell(installation, supervisor, out, time.monotonic() - began)
            await stopping
            await supervisor.stop()
        else:
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await starting
    finally:
        stopping.cancel()
    out.line("Everything has drained.")


def _supervisor(installation: Installation, out: Output) -> Supervisor:
    if out.as_json:
        return installation.supervisor()
    from cli.console import LogPrinter

    printer = LogPrinter([role.name for role in installation.roles()])
    return installation.supervisor(on_line=printer.line, on_event=printer.event)


def _tell(installation: Installation, supervisor: Supervisor, out: Output, seconds: float) -> None:
    addresses = {name: installation.address(name) for name in SERVICES}
    doors = {"gateway": installation.gateway_url}
    if installation.sandbox:
        doors["mailbox"] = installation.sandbox_url
    out.line(
        f"\n[bold green]Angarium is up[/] after {seconds:.1f} s, its data is in {installation.state.path}"
    )
    for name, place in {**doors, **addresses}.items():
        out.line(f"  {name:<10} {place}")
    commands = spelled("angarium status   angarium token create --role platform_admin")
    out.line(f"  [dim]In another terminal:[/] {commands}")
    out.line(f"  [dim]The console, a page for operators:[/] {spelled('angarium console')}")
    out.line("  [dim]Ctrl-C drains.[/]\n")
    out.result(
        {
            "seconds": round(seconds, 2),
            "state": str(installation.state.path),
            **doors,
            "services": addresses,
            "pids": {status.name: status.pid for status in supervisor.status() if status.pid},
        }
    )
