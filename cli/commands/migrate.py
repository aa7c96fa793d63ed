"""`angarium migrate`: brings the database of all services up to date."""

import os
from contextlib import ExitStack
from typing import Annotated

import typer

from cli import options, secrets
from cli.output import CommandError, Output
from cli.state_folder import StateFolder
from cli.stores import embedded_postgres

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(
    epilog="""
**Examples**

`angarium migrate` – the embedded database of `.angarium`, started for as long as it takes

`angarium migrate --database-url postgresql://owner:…@db.internal/angarium` – a server of your own
"""
)
def migrate(
    url: Annotated[
        str,
        typer.Option(
            "--database-url", envvar="DATABASE_URL", help="Owner's URL of the database.", show_default=False
        ),
    ] = "",
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Bring the database of all services up to date.

    Makes roles and schemas when there are none, then runs what is new, one transaction for each revision. Running it
    twice changes nothing. Services of the previous release go on working meanwhile.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from cli.migrations import migrate as run

    out = Output(as_json=as_json)
    folder = StateFolder.at(state)
    with ExitStack() as held:
        if not url:
            folder.make()
            passwords = secrets.load_or_draw(folder.secrets)
            postgres = embedded_postgres(folder)
            url = postgres.running_url() or held.enter_context(postgres).url
            for name in map(secrets.password_variable, secrets.SERVICES):
                os.environ.setdefault(name, passwords[name])
        try:
            done = list(run(url))
        except SQLAlchemyError as error:
            raise CommandError(
                f"The migration failed and was rolled back: {_first_line(error)}",
                "Check the URL and that its user owns the database: angarium doctor",
            ) from error
    rows = [(step.service, step.before, step.after) for step in done]
    out.table(("schema", "was at", "is at"), rows)
    out.result(
        {"schemas": [{"service": name, "before": before, "after": after} for name, before, after in rows]}
    )


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0]
