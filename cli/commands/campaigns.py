"""`angarium campaigns`: plan, have approved, send, hold, repeat and prove campaigns."""

import typer

from cli.campaigns import changing, forecasting, planning, reading, sending

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
for _part in (reading, planning, changing, forecasting, sending):
    app.registered_commands += _part.app.registered_commands


@app.callback()
def campaigns() -> None:
    """Plan, have approved, send, hold, repeat and prove campaigns."""
