"""`angarium clean`: removes the data of a stack that is down."""

import shutil
from typing import Annotated

import typer

from cli import options
from cli.output import CommandError, Output, usage
from cli.state_folder import StateFolder
from cli.stores import embedded_postgres, embedded_valkey
from cli.supervisor.pids import PidFiles

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium clean` – asks, then removes `.angarium`

`angarium clean --yes` – does not ask
"""
)
def clean(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Remove data, secrets and logs of a stack that is down.

    What was encrypted with the secrets is lost for ever, also in backups. A database of your own (DATABASE_URL) is
    left alone.
    """
    out = Output(as_json=as_json)
    folder = StateFolder.at(state)
    if not folder.path.exists():
        out.line(f"There is nothing in {folder.path}.")
        out.result({"removed": None})
        return
    if not folder.exists and any(folder.path.iterdir()):
        raise CommandError(
            f"{folder.path} holds other things than an installation.", "Name the right one: --state …"
        )
    servers = embedded_valkey(folder), embedded_postgres(folder)
    if PidFiles(folder.run).running() or any(server.running_url() for server in servers):
        raise CommandError("The stack is running.", "Drain it first: angarium down")
    if not yes:
        if as_json:
            usage("Nobody can be asked with --json.", "Confirm by: --yes")
        typer.confirm(f"Remove all data and secrets in {folder.path}?", abort=True)
    shutil.rmtree(folder.path)
    out.line(f"Removed {folder.path}.")
    out.result({"removed": str(folder.path)})
