"""`angarium down`: drains the stack that runs in the state folder."""

import signal
from typing import Annotated

import typer

from cli import options
from cli.output import CommandError, Output
from cli.state_folder import StateFolder
from cli.stores import embedded_postgres, embedded_valkey
from cli.supervisor.pids import SUPERVISOR, PidFiles

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium down` – as Ctrl-C in the terminal of `angarium up`

`angarium down --grace 10` – end what has not drained after ten seconds
"""
)
def down(
    grace: Annotated[float, typer.Option(help="Seconds to wait until everything has drained.", min=0)] = 90.0,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Drain the stack that runs in the state folder: work in hand is finished, data stays."""
    out = Output(as_json=as_json)
    folder = StateFolder.at(state)
    pids = PidFiles(folder.run)
    supervisor = pids.running().get(SUPERVISOR)
    if supervisor is not None:
        supervisor.signal(signal.SIGTERM)
        if not supervisor.wait_gone(grace):
            # The second signal makes the supervisor end everything at once.
            supervisor.signal(signal.SIGTERM)
            if not supervisor.wait_gone(15.0):
                raise CommandError(
                    f"The supervisor (pid {supervisor.pid}) does not end.", f"kill -9 {supervisor.pid}"
                )
    orphans = pids.end_orphans(min(grace, 25.0))
    stores = []
    for name, server in (("valkey", embedded_valkey(folder)), ("postgres", embedded_postgres(folder))):
        if server.folder.exists() and server.running_url():
            server.stop()
            stores.append(name)
    ended = [*orphans, *stores]
    if supervisor is not None:
        out.line("The stack has drained and is down.")
    elif ended:
        out.line(f"No supervisor was running; ended what one left behind: {', '.join(ended)}.")
    else:
        out.line(f"Nothing was running in {folder.path}.")
    out.result({"was_running": supervisor is not None, "left_behind": ended})
